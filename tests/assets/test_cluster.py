"""Fraud and recommendations on a Spark cluster, S3 and PostgreSQL, beside the run on one machine.

What is different is configuration: variables and Dagster's own file, as a deployment sets them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from igniteflow_resources.spark.jars import fetch_jars
from tests.assets.same_rows import assert_same_rows
from tests.aws_server import REGION, aws_server, download, new_bucket
from tests.postgres_server import PASSWORD, Postgres, postgres_server
from tests.spark_cluster import SMALL_RUN, SparkCluster, spark_cluster

pytestmark = [pytest.mark.spark, pytest.mark.slow]

BUCKET = "igniteflow"
JARS = Path(".jars/s3a")


@dataclass(frozen=True)
class ClusterRun:
    lake: Path
    tracking_uri: str
    cluster: SparkCluster
    log: str


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a pod with a role: no key, but a token that it may exchange for one."""
    token = tmp_path_factory.mktemp("aws") / "token"
    token.write_text("a token of the cluster")
    with aws_server() as address:
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/run",
            "AWS_ROLE_SESSION_NAME": "run",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@pytest.fixture(scope="module")
def bucket(aws: dict[str, str], simulated: Path) -> Any:
    """A bucket that holds the source files."""
    made = new_bucket(aws["AWS_ENDPOINT_URL"], BUCKET)
    for file in simulated.rglob("*"):
        if file.is_file():
            made.upload_file(str(file), f"source/{file.relative_to(simulated)}")
    return made


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield server


def spark_properties(aws: Mapping[str, str]) -> str:
    return json.dumps(
        {
            **SMALL_RUN,
            "spark.hadoop.fs.s3a.endpoint": aws["AWS_ENDPOINT_URL"],
            "spark.hadoop.fs.s3a.path.style.access": "true",
        }
    )


@pytest.fixture(scope="module")
def cluster_run(
    aws: dict[str, str],
    bucket: Any,
    postgres: Postgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ClusterRun]:
    folder = tmp_path_factory.mktemp("cluster")
    production = json.loads(Path("config/prod.json").read_text())["spark"]
    fetch_jars(JARS, tuple(production["packages"]), tuple(production["excluded_packages"]))
    postgres.create_database("dagster")
    tracking_uri = postgres.create_database("mlflow")
    (folder / "dagster.yaml").write_text(postgres.dagster_yaml("dagster"))
    with spark_cluster(folder, aws) as cluster:
        variables = {
            **os.environ,
            **aws,
            "DAGSTER_HOME": str(folder),
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "IGNITEFLOW_SOURCES__ROOT": f"s3a://{BUCKET}/source",
            "IGNITEFLOW_LAKE__ROOT": f"s3a://{BUCKET}/lake",
            "IGNITEFLOW_SPARK__MASTER": cluster.master,
            "IGNITEFLOW_SPARK__DRIVER_MEMORY": "1g",
            "IGNITEFLOW_SPARK__JARS_DIR": str(JARS),
            "IGNITEFLOW_SPARK__CONFIG": spark_properties(aws),
            "IGNITEFLOW_MLFLOW__TRACKING_URI": tracking_uri,
            "IGNITEFLOW_MLFLOW__ARTIFACT_ROOT": f"s3://{BUCKET}/mlflow",
            "IGNITEFLOW_SERVING__ENDPOINTS_DIR": str(folder / "endpoints"),
            "MLFLOW_S3_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"],
        }
        result = subprocess.run(
            [sys.executable, "-m", "tests.assets.both_halves"],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        log = result.stdout + result.stderr
        assert result.returncode == 0, log[-20_000:]
        download(bucket, "lake/", folder)
        yield ClusterRun(folder / "lake", tracking_uri, cluster, log)


def tables(lake: Path) -> set[str]:
    return {folder.parent.name for folder in lake.glob("*/_delta_log")}


def rows(graph_run, lake: Path, table: str) -> pa.Table:
    """The table as the run first wrote it, for later tests go on with the lake of one machine."""
    frame = graph_run.spark.read.format("delta").option("versionAsOf", 0).load(f"{lake}/{table}")
    if "source_file" in frame.columns:
        frame = frame.withColumn("source_file", F.substring_index("source_file", "/", -1))
    return frame.toArrow()


def test_both_workers_took_part(cluster_run):
    (application,) = cluster_run.cluster.status()["completedapps"]
    assert application["cores"] == 2
    assert application["state"] == "FINISHED"


def test_every_table_equals_that_of_the_run_on_one_machine(graph_run, cluster_run):
    local = Path(graph_run.settings.lake.root)
    written = tables(cluster_run.lake)
    assert written >= {
        "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
        "fraud_features", "fraud_training_set", "fraud_scores", "interactions", "als_model",
        "content_model", "recommendations", "similar_items",
    }  # fmt: skip
    for table in sorted(written):
        assert_same_rows(
            rows(graph_run, local, table), rows(graph_run, cluster_run.lake, table), table
        )


def test_models_are_registered_in_postgres_with_their_files_in_the_bucket(cluster_run, bucket):
    client = mlflow.MlflowClient(cluster_run.tracking_uri, cluster_run.tracking_uri)
    for name in ("fraud_ensemble", "recommender"):
        version = client.get_model_version_by_alias(name, "champion")
        assert str(version.version) == "1"
    assert any("MLmodel" in file.key for file in bucket.objects.filter(Prefix="mlflow/"))
