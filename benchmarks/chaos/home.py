"""A platform's home in a folder: its settings as variables, over the small world of the tests."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import igniteflow_cli
from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.spark.session import spark_config
from tests.small_world import SMALL_WORLD
from tests.workspace import workspace_variables

ALL_DAYS = {
    "dagster/asset_partition_range_start": SMALL_WORLD.dates[0].isoformat(),
    "dagster/asset_partition_range_end": SMALL_WORLD.dates[-1].isoformat(),
}
"""The tags of a run over every day of the world."""

_SETTINGS = Path("tests/settings/tiny.json")

# Small data; what is measured here is what holds, not how good the models are.
EASY_GATE = {
    "MIN_DAYS": "1",
    "MIN_FRAUDS": "1",
    "MAX_RECALL_LOSS": "1",
    "MAX_FALSE_ALARM_RISE": "1",
    "MAX_SCORE_MILLISECONDS": "1000",
}


def use_settings() -> None:
    """Partitions are made from the settings when the graph is first imported: call it before."""
    os.environ |= {"IGNITEFLOW_ENV": "local", "IGNITEFLOW_CONFIG_PATH": str(_SETTINGS.resolve())}


def variables_of(home: Path, source: Path, **more: str) -> dict[str, str]:
    """The variables of a platform that keeps everything below ``home``; ``more`` by setting."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(Path(igniteflow_cli.__file__).with_name("dagster.yaml"), home)
    settings = {
        "SPARK__CONFIG": _briefly(),
        **{f"PROMOTION__{name}": value for name, value in EASY_GATE.items()},
        **more,
    }
    return {
        "DAGSTER_HOME": str(home),
        **workspace_variables(home, source),
        **{f"IGNITEFLOW_{name}": value for name, value in settings.items()},
    }


def _briefly() -> str:
    """What runs so briefly is not worth a second compiler's time."""
    options = spark_config(SparkSettings())["spark.driver.extraJavaOptions"]
    return json.dumps({"spark.driver.extraJavaOptions": f"{options} -XX:TieredStopAtLevel=1"})


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The variables are set in this process, which has its own again afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ |= variables
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
