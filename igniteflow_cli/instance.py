"""The Dagster instance of this machine, with its history below ``data`` unless told otherwise."""

import os
import shutil
from pathlib import Path

from dagster import DagsterInstance

DAGSTER_HOME = "DAGSTER_HOME"


def dagster_home() -> Path:
    """The folder DAGSTER_HOME, or ``data/dagster``; made and configured where it is not there."""
    home = Path(os.environ.setdefault(DAGSTER_HOME, str(Path("data/dagster").resolve())))
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    return home


def dagster_instance() -> DagsterInstance:
    """The instance that the UI shows too."""
    dagster_home()
    return DagsterInstance.get()
