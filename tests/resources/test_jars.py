from pathlib import Path

import pytest

from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.errors import EnvironmentSetupError
from igniteflow_resources.spark.jars import PACKAGES, fetch_jars, local_jars
from igniteflow_resources.spark.session import spark_config


def test_missing_jars_are_refused_with_the_command_that_fetches_them(tmp_path):
    with pytest.raises(EnvironmentSetupError, match="igniteflow setup"):
        local_jars(tmp_path)


def test_a_complete_folder_is_left_alone(tmp_path):
    (tmp_path / "delta.jar").touch()
    (tmp_path / "packages.txt").write_text("\n".join(PACKAGES) + "\n")
    assert fetch_jars(tmp_path) == [tmp_path / "delta.jar"]


def test_fetched_jars_hold_delta_and_none_that_spark_ships():
    names = [jar.name for jar in local_jars(Path(SparkSettings().jars_dir))]
    assert any("delta-spark" in name for name in names)
    assert not any("hadoop-client" in name or "jackson-core" in name for name in names)


def test_one_machine_gets_small_table_settings_and_a_cluster_does_not():
    local = spark_config(SparkSettings())
    cluster = spark_config(SparkSettings(master="spark://master:7077"))
    assert local["spark.databricks.delta.snapshotPartitions"] == "1"
    assert "spark.databricks.delta.snapshotPartitions" not in cluster
    assert "spark.driver.host" not in cluster


def test_a_cluster_is_sent_the_jars_that_pods_have_in_their_image():
    cluster = spark_config(SparkSettings(master="spark://master:7077"))
    assert "delta-spark" in cluster["spark.jars"]
    pods = spark_config(SparkSettings(master="k8s://https://kubernetes"))
    assert "delta-spark" in pods["spark.driver.extraClassPath"]
    assert pods["spark.executor.extraClassPath"] == pods["spark.driver.extraClassPath"]
    assert "spark.jars" not in pods


def test_properties_of_the_settings_win():
    config = spark_config(SparkSettings(config={"spark.sql.shuffle.partitions": "9"}))
    assert config["spark.sql.shuffle.partitions"] == "9"
