import subprocess
import tempfile

import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.spark.java import java_executable
from igniteflow_resources.spark.session import spark_config


@pytest.mark.parametrize("master", ["local[*]", "k8s://https://kubernetes.default.svc:443"])
def test_spark_writes_nothing_into_the_working_folder(master: str) -> None:
    config = spark_config(SparkSettings(master=master))
    assert config["spark.sql.warehouse.dir"].startswith(tempfile.gettempdir())


@pytest.mark.parametrize("master", ["spark://master:7077", "k8s://https://kubernetes"])
def test_checkpoints_of_a_cluster_are_where_all_machines_reach_them(master: str) -> None:
    config = spark_config(SparkSettings(master=master), "s3a://bucket/lake/")
    assert config["spark.checkpoint.dir"] == "s3a://bucket/lake/_checkpoints"


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
@pytest.mark.parametrize("master", ["local[*]", "spark://master:7077"])
def test_every_environment_has_a_place_for_checkpoints(
    environment: str, master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGNITEFLOW_ENV", environment)
    monkeypatch.setenv("IGNITEFLOW_SPARK__MASTER", master)
    spark = platform_resources(load_settings())["spark"]
    assert spark.spark_config["spark.checkpoint.dir"]


def test_a_property_of_the_settings_wins() -> None:
    settings = SparkSettings(config={"spark.sql.warehouse.dir": "/elsewhere"})
    assert spark_config(settings)["spark.sql.warehouse.dir"] == "/elsewhere"


def test_the_virtual_machine_starts_with_the_options_of_a_laptop() -> None:
    options = spark_config(SparkSettings())["spark.driver.extraJavaOptions"].split()
    started = subprocess.run(
        [str(java_executable()), *options, "-version"], capture_output=True, text=True, check=True
    )
    assert "warning" not in started.stderr.lower()
