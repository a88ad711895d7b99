import subprocess
import tempfile

import pytest

from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.spark.java import java_executable
from igniteflow_resources.spark.session import spark_config


@pytest.mark.parametrize("master", ["local[*]", "k8s://https://kubernetes.default.svc:443"])
def test_spark_writes_nothing_into_the_working_folder(master: str) -> None:
    config = spark_config(SparkSettings(master=master))
    assert config["spark.sql.warehouse.dir"].startswith(tempfile.gettempdir())


def test_a_property_of_the_settings_wins() -> None:
    settings = SparkSettings(config={"spark.sql.warehouse.dir": "/elsewhere"})
    assert spark_config(settings)["spark.sql.warehouse.dir"] == "/elsewhere"


def test_the_virtual_machine_starts_with_the_options_of_a_laptop() -> None:
    options = spark_config(SparkSettings())["spark.driver.extraJavaOptions"].split()
    started = subprocess.run(
        [str(java_executable()), *options, "-version"], capture_output=True, text=True, check=True
    )
    assert "warning" not in started.stderr.lower()
