"""A platform of its own for the simulated year: settings, a Dagster instance, and its daemon."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.loop.plan import LABEL_DELAY, PAST_STARTS, year_of

SENSORS = ("drift_sensor", "performance_sensor")

# As a laptop's, but what is asked for is started within a second.
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
    """Write settings and instance below ``home``, and let this process and its children use them.

    Definitions read the settings when they are imported, so call it before.
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
        "schedules": {"drift_interval_seconds": 1},
        "spark": {"shuffle_partitions": 1},
    }
    (home / "settings.json").write_text(json.dumps(settings, indent=2))
    (home / "dagster.yaml").write_text(_DAGSTER)
    os.environ |= {
        "IGNITEFLOW_ENV": "local",
        "IGNITEFLOW_CONFIG_PATH": str(home / "settings.json"),
        "DAGSTER_HOME": str(home),
    }


@contextmanager
def daemon(home: Path) -> Iterator[None]:
    """Dagster's daemon with the loop's sensors on, while the block runs."""
    commands = Path(sys.executable).parent
    with (home / "daemon.log").open("wb") as log:
        for sensor in SENSORS:
            subprocess.run(  # noqa: S603 - Dagster's own command
                [commands / "dagster", "sensor", "start", sensor],
                check=True, stdout=log, stderr=log,
            )  # fmt: skip
        process = subprocess.Popen(  # noqa: S603 - Dagster's own command
            [commands / "dagster-daemon", "run"], stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()
