"""A real Redis server of a test's own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis

from tests.servers import free_port


@contextmanager
def redis_server(folder: Path, *options: str, port: int | None = None) -> Iterator[int]:
    """The port of a server that keeps nothing on disk; ``options`` as on its command line."""
    command = shutil.which("redis-server")
    assert command, "install redis-server: apt-get install redis-server"
    port = port or free_port()
    listens = () if "--port" in options else ("--port", str(port))
    log = folder / "redis.log"
    server = subprocess.Popen(
        [command, *listens, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
         "--dir", str(folder), "--logfile", str(log), *options],
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while True:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.02)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def flush(port: int) -> None:
    with redis.Redis(port=port) as client:
        client.flushall()
