"""The Dagster instance of this machine; by default its history is stored below ``data``."""

import os
import shutil
from pathlib import Path

from dagster import DagsterInstance

DAGSTER_HOME = "DAGSTER_HOME"


def dagster_home() -> Path:
    """Return DAGSTER_HOME or ``data/dagster``; create and configure the folder if it is new."""
    home = Path(os.environ.setdefault(DAGSTER_HOME, str(Path("data/dagster").resolve())))
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    return home


def dagster_instance() -> DagsterInstance:
    """Return the instance that the UI shows."""
    dagster_home()
    return DagsterInstance.get()
