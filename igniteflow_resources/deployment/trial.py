"""A trial of a model version: the real server, in a process of its own, answers a request."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import requests

from igniteflow_core.deployment.endpoint import Endpoint, EndpointName, Rollout
from igniteflow_core.errors import PermanentError

_START_SECONDS = 60
_ANSWER_SECONDS = 30
"""Far more than the API allows itself: a machine that trains is busier than one that serves."""

_SERVER = """
import os, runpy, sys, threading

def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
runpy.run_module("igniteflow_serving", run_name="__main__")
"""
"""The server, ended by the end of its input: whoever tries a version may be killed meanwhile."""


class TrialError(PermanentError):
    """A model version does not serve; what served before goes on."""


def try_version(
    name: EndpointName, version: str, write: Callable[[Path], None], request: Mapping[str, Any]
) -> dict[str, Any]:
    """Serve the version alone, ask it once, and end the process.

    Args:
        name: of the endpoint.
        version: of the registry.
        write: writes the version's files into the folder it is given.
        request: the body of one request.

    Returns:
        The answer.

    Raises:
        TrialError: the server does not start, or does not answer the request.
    """
    with tempfile.TemporaryDirectory() as folder, closing(socket.socket()) as probe:
        endpoint = Endpoint(Path(folder, "endpoints", name))
        endpoint.add_version(version, write)
        endpoint.roll_out(Rollout(champion=version))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        variables = os.environ | {
            "IGNITEFLOW_SERVING__CONTRACT": "sagemaker",
            "IGNITEFLOW_SERVING__ENDPOINTS_DIR": str(Path(folder, "endpoints")),
            "IGNITEFLOW_SERVING__LOG_DIR": str(Path(folder, "log")),
            "IGNITEFLOW_SERVING__HOST": "127.0.0.1",
            "IGNITEFLOW_SERVING__PORT": str(port),
            "IGNITEFLOW_SERVING__TIMEOUT_SECONDS": str(_ANSWER_SECONDS),
        }
        log = Path(folder, "server.log")
        with (
            log.open("wb") as output,
            subprocess.Popen(  # noqa: S603 - our own server
                [sys.executable, "-c", _SERVER],
                env=variables,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as server,
        ):
            try:
                _await_ping(server, f"http://127.0.0.1:{port}/ping", log)
                answer = requests.post(
                    f"http://127.0.0.1:{port}/invocations",
                    json=dict(request),
                    timeout=60,
                )
            finally:
                server.terminate()
                server.wait(30)
        if not answer.ok:
            raise _failed(f"the trial request was answered with {answer.text}", log)
        told: dict[str, Any] = answer.json()
        return told


def _await_ping(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise _failed("the server ended while it started", log)
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise _failed("the server was not ready in time", log)


def _failed(what: str, log: Path) -> TrialError:
    last = log.read_text(errors="replace")[-2_000:]
    return TrialError(what, where=f"trial of the model version; its log ends: {last}", fix="see it")
