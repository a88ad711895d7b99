import os

# Several processes share the cores, and threads of OpenMP wait for each other by spinning: where
# there are more of them than cores, a fit of a second takes half a minute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from dagster import build_init_resource_context
from pyspark.sql import SparkSession

# The partitions of the graph are made from the settings when its modules are first imported.
os.environ["IGNITEFLOW_ENV"] = "local"
os.environ["IGNITEFLOW_CONFIG_PATH"] = str(Path(__file__).parent / "settings" / "tiny.json")
# Tests run thousands of plans once. What the JVM's second compiler makes of them costs more than it
# saves, a third of the processor time of a run of the graph. Processes that tests start inherit it.
os.environ["SPARK_SUBMIT_OPTS"] = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.simulation.dataset import write_dataset
from igniteflow_resources.spark.session import SparkResource, spark_config
from tests.groups import group, place
from tests.kinds import OF_FOLDER, kind
from tests.shared import made_once
from tests.small_world import SMALL_WORLD
from tests.workspace import set_variables, workspace_variables

TESTS = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """For ``-m unit`` import no folder of another kind: that takes longer than the tests."""
    if config.getoption("markexpr") != "unit" or collection_path.parent != TESTS:
        return None
    other = collection_path.is_dir() and OF_FOLDER.get(collection_path.name) != "unit"
    return other or None


# First, because pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its kind and its group, and begin with the groups that take longest."""
    for item in items:
        module = item.path.relative_to(TESTS)
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
        item.add_marker(kind(item, module.parent.parts))
        item.add_marker(pytest.mark.xdist_group(group(item, module)))
    items.sort(key=place)


@pytest.fixture(autouse=True)
def _variables_of_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow sets them once it is used, and a process that a test starts would read them."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session with Delta, the one of the whole test run."""
    settings = SparkSettings(
        config={"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    )
    resource = SparkResource(spark_config=spark_config(settings), jars_dir=settings.jars_dir)
    resource.setup_for_execution(build_init_resource_context())
    yield resource.session
    resource.session.stop()


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Source files of a small simulated world, over the days of the tests' partitions."""
    return made_once(tmp_path_factory, "source", partial(write_dataset, settings=SMALL_WORLD))


@pytest.fixture
def workspace(tmp_path: Path, simulated: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose lake, registry and Dagster home are this test's own."""
    set_variables(monkeypatch, workspace_variables(tmp_path, simulated))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return load_settings()
