"""The measured servers, each in a separate process."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.local_server import free_port


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the processor time of the server and its child processes."""
        times = [each.cpu_times() for each in (self.process, *self.process.children(True))]
        return float(sum(each.user + each.system for each in times))


@contextmanager
def process(command: list[str], log: Path, variables: dict[str, str]) -> Iterator[psutil.Process]:
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - the servers of this benchmark
            command, env=os.environ | variables, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(30)


def await_answer(url: str, log: Path, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - of this machine
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(log.read_text(errors="replace")[-2_000:])


@contextmanager
def igniteflow(folder: Path, variables: dict[str, str]) -> Iterator[Server]:
    """Run one replica of the API, with its log in ``folder`` and the endpoints beside it."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    log = folder / "igniteflow.log"
    settings = {
        "IGNITEFLOW_ENV": "local",
        "IGNITEFLOW_SERVING__PORT": str(port),
        "IGNITEFLOW_SERVING__ENDPOINTS_DIR": str(folder.parent / "endpoints"),
        "IGNITEFLOW_SERVING__LOG_DIR": str(folder / "log"),
        **variables,
    }
    with process([sys.executable, "-m", "igniteflow_serving"], log, settings) as started:
        await_answer(f"http://127.0.0.1:{port}/readyz", log)
        yield Server(port, started)


@contextmanager
def mlflow(model: Path, folder: Path, workers: int) -> Iterator[Server]:
    """Run MLflow's scoring server with as many workers as the API has replicas."""
    port = free_port()
    log = folder / "mlflow.log"
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model),
        "--env-manager", "local", "--port", str(port), "--workers", str(workers),
    ]  # fmt: skip
    # MLflow searches PATH for uvicorn.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with process(command, log, {"PATH": path}) as started:
        await_answer(f"http://127.0.0.1:{port}/ping", log)
        yield Server(port, started)
