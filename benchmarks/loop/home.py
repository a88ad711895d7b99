"""A separate platform for the simulated year: settings, a Dagster instance, and its daemon."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from benchmarks.loop.plan import LABEL_DELAY, PAST_STARTS, year_of
from tests.local_server import free_port

_POLL_SECONDS = 1.0
SENSORS = ("drift_sensor", "performance_sensor")

# As the local instance, but requested runs start within a second.
_DAGSTER = """
telemetry: {enabled: false}
nux: {enabled: false}
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config: {max_concurrent_runs: 1, dequeue_interval_seconds: 1}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
"""


def make_home(home: Path, days: int) -> None:
    """Write settings and instance below ``home``, and configure this process to use them.

    Definitions read the settings when they are imported, so call this function before.
    """
    home.mkdir(parents=True, exist_ok=True)
    settings = {
        "partitions": {
            "start_date": PAST_STARTS.isoformat(),
            "end_date": year_of(days)[-1].isoformat(),
        },
        "sources": {"root": str(home / "source")},
        "lake": {"root": str(home / "lake")},
        "mlflow": {
            "tracking_uri": f"sqlite:///{home}/mlflow.db",
            "artifact_root": str(home / "artifacts"),
        },
        "online": {"path": str(home / "online.db")},
        "serving": {"endpoints_dir": str(home / "endpoints"), "log_dir": str(home / "decisions")},
        "fraud": {"label_delay_days": LABEL_DELAY.days},
        "drift": {"max_rows": 8_000},
        "schedules": {"drift_interval_seconds": 1},
        "spark": {"shuffle_partitions": 1},
    }
    (home / "settings.json").write_text(json.dumps(settings, indent=2))
    (home / "dagster.yaml").write_text(_DAGSTER)
    os.environ |= {
        "IGNITEFLOW_ENV": "local",
        "IGNITEFLOW_CONFIG_PATH": str(home / "settings.json"),
        "DAGSTER_HOME": str(home),
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }


@contextmanager
def daemon(home: Path) -> Iterator[None]:
    """Run Dagster's daemon with the loop's sensors on while the block runs.

    The code location has its own server as in production; otherwise the daemon starts a new one
    every minute.
    """
    port = free_port()
    workspace = home / "workspace.yaml"
    workspace.write_text(
        f"load_from: [{{grpc_server: {{host: 127.0.0.1, port: {port}, "
        "location_name: igniteflow}}]\n"
    )
    address = ("-h", "127.0.0.1", "-p", str(port))
    with (
        (home / "daemon.log").open("wb") as log,
        _running(
            log, "dagster", "code-server", "start", *address, "-m", "igniteflow_assets.definitions"
        ),
    ):
        while not _succeeds(log, "dagster", "api", "grpc-health-check", *address):
            time.sleep(_POLL_SECONDS)
        for sensor in SENSORS:
            if not _succeeds(log, "dagster", "sensor", "start", "-w", str(workspace), sensor):
                raise RuntimeError(f"{sensor} does not start; see {home}/daemon.log")
        with _running(log, "dagster-daemon", "run", "-w", str(workspace)):
            yield


@contextmanager
def _running(log: IO[bytes], command: str, *arguments: str) -> Iterator[None]:
    path = Path(sys.executable).with_name(command)
    process = subprocess.Popen(  # noqa: S603 - Dagster's own command
        [path, *arguments], stdout=log, stderr=log
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _succeeds(log: IO[bytes], command: str, *arguments: str) -> bool:
    path = Path(sys.executable).with_name(command)
    done = subprocess.run(  # noqa: S603 - Dagster's own command
        [path, *arguments], stdout=log, stderr=log, check=False
    )
    return done.returncode == 0
