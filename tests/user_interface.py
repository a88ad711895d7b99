"""The Dagster UI as ``igniteflow ui`` starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.local_server import free_port

ROOT = Path(__file__).parents[1]
STARTED_WITHIN_SECONDS = 300


@contextmanager
def user_interface(home: Path) -> Iterator[str]:
    """The address of a running ``igniteflow ui``; what it prints is in ``ui.log`` of the home."""
    port = free_port()
    log = (home / "ui.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "igniteflow_cli", "ui", "--port", str(port)],
        cwd=ROOT, env=os.environ | {"DAGSTER_HOME": str(home)}, stdout=log, stderr=log,
        start_new_session=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_it_answers(address, process, home / "ui.log")
        yield address
    finally:
        end_group(process)
        log.close()


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/server_info", timeout=5)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(1)
        else:
            return
    raise AssertionError(f"the UI did not start: {log.read_text()}")


def end_group(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the process and to all that it has started, SIGKILL if that is not enough."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
