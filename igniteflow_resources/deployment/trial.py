"""Trial of a model version: the real server, in a separate process, responds to one request."""

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
_RESPONSE_SECONDS = 30
"""Much longer than the API's timeout, because a machine that trains is busier than a server."""

_SERVER = """
import os, runpy, sys, threading

def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
runpy.run_module("igniteflow_serving", run_name="__main__")
"""
"""The server; it exits when its standard input closes, so that it never outlives its parent."""


class TrialError(PermanentError):
    """A model version cannot be served; the previous version continues to serve."""


def try_version(
    name: EndpointName, version: str, write: Callable[[Path], None], request: Mapping[str, Any]
) -> dict[str, Any]:
    """Serve only this version, send one request, and end the process.

    Args:
        name: name of the endpoint.
        version: version number in the registry.
        write: writes the version's files into a given folder.
        request: body of the request.

    Returns:
        The body of the response.

    Raises:
        TrialError: the server does not start, or responds with an error.
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
            "IGNITEFLOW_SERVING__TIMEOUT_SECONDS": str(_RESPONSE_SECONDS),
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
                response = requests.post(
                    f"http://127.0.0.1:{port}/invocations",
                    json=dict(request),
                    timeout=60,
                )
            finally:
                server.terminate()
                server.wait(30)
        if not response.ok:
            raise _failed(f"the response to the trial request is {response.text}", log)
        body: dict[str, Any] = response.json()
        return body


def _await_ping(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise _failed("the server exited during start-up", log)
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise _failed("the server was not ready in time", log)


def _failed(reason: str, log: Path) -> TrialError:
    last = log.read_text(errors="replace")[-2_000:]
    return TrialError(
        reason,
        where=f"trial of the model version; its log ends: {last}",
        fix="correct the error that the log shows",
    )
