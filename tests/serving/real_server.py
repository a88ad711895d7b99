"""The API as a process of its own, and requests to it byte by byte."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local_server import free_port
from tests.serving.world import World


@dataclass(frozen=True)
class RealServer:
    """A server that runs; its own log is ``log``."""

    port: int
    log: Path
    decisions: Path
    process: subprocess.Popen[bytes]

    def exchange(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """All that is answered until the server ends the connection."""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=30)) as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has said what it has to say
            answer = b""
            try:
                while part := connection.recv(65_536):
                    answer += part
            except ConnectionResetError:
                pass
            return answer

    def status(self, *parts: bytes) -> int:
        """Of the first answer, 0 if there was none."""
        answer = self.exchange(*parts)
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def logged(self) -> list[dict[str, Any]]:
        """The decision log."""
        files = sorted((self.decisions / "decision_log").iterdir())
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def request(
    method: str = "POST", target: str = "/predict", body: bytes = b"", *headers: bytes
) -> bytes:
    """A whole request after which the server ends the connection."""
    head = [f"{method} {target} HTTP/1.1".encode(), b"Host: x", b"Connection: close", *headers]
    if not any(name.lower().startswith((b"content-length", b"transfer")) for name in headers):
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@contextmanager
def real_server(
    world: World, folder: Path, ready: str = "/readyz", **serving: object
) -> Iterator[RealServer]:
    """The world's models and states behind the real server, with these settings.

    It is there when it answers ``ready`` with success.
    """
    port = free_port()
    overlay = folder / "serving.json"
    settings = {
        "online": {"path": world.settings.online.path},
        "serving": {
            "port": port,
            "endpoints_dir": world.settings.serving.endpoints_dir,
            "log_dir": str(folder / "log"),
            **serving,
        },
    }
    overlay.write_text(json.dumps(settings))
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "igniteflow_serving"],
            env=os.environ | {"IGNITEFLOW_CONFIG_PATH": str(overlay), "IGNITEFLOW_ENV": "local"},
            stdout=output,
            stderr=output,
        )
    try:
        _await(f"http://127.0.0.1:{port}{ready}", process, log)
        yield RealServer(port, log, folder / "log", process)
    finally:
        process.terminate()
        process.wait(30)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text()[-2_000:])
