"""The one Spark session of a run."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from dagster import InitResourceContext
from dagster_pyspark import PySparkResource
from dagster_pyspark.resources import spark_session_from_config
from pyspark.sql import SparkSession

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.config.secrets import HIDDEN_NAMES, secrets_of
from igniteflow_resources.spark.jars import local_jars
from igniteflow_resources.spark.java import check_java
from igniteflow_resources.spark.job_groups import group_by_step, ungroup

_LOG_CONFIG = Path(__file__).with_name("log4j2.properties")

_EVERYWHERE = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # A day's rows carry the day they belong to, whatever the zone of the machine.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Cells that hold blocks of rows are large, and an Arrow batch ends at 2 GiB.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(128 * 2**20),
    # Over TCP, Spark and a worker have been seen to wait for each other for ever once both had sent
    # more than the other's socket holds.
    "spark.python.unix.domain.socket.enabled": "true",
    # Arrays of a few MiB would each be mapped, faulted in page by page and given back, which is a
    # third of the processor time of the workers that compute features.
    "spark.executorEnv.MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "spark.executorEnv.MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
    "spark.executorEnv.MIMALLOC_PURGE_DELAY": "-1",
    # Statistics by file are for columns that a query filters by, and those come first in a table.
    "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "8",
    # What maintenance deleted is told in the table's history, wherever the table lies.
    "spark.databricks.delta.vacuum.logging.enabled": "true",
    # Spark's own list, which its pages and logs go by, leaves out Kafka's log-in, among others.
    "spark.redaction.regex": HIDDEN_NAMES,
    # pandas writes times in nanoseconds, which Spark refuses unless told to read them as numbers.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # Delimited text comes in any encoding that Java knows; without it Spark takes Unicode and two.
    "spark.sql.legacy.javaCharsets": "true",
    # Keys in Spark's own settings first, then wherever any program of AWS looks: Hadoop's list
    # leaves out the role of a pod's service account.
    "spark.hadoop.fs.s3a.aws.credentials.provider": (
        "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider,"
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider,"
        "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider"
    ),
}

# Delta's and Spark's defaults are for large tables on many machines: 50 tasks to read a snapshot
# and 200 to shuffle. On one machine they are most of the time of a run.
_SINGLE_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.python.daemon.module": "igniteflow_resources.spark.worker_daemon",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
}

# Plans of many steps need a deep stack, where they are made and where they are read.
_DEEP_STACK = "-Xss8m"

# The JVM is on the same few cores as the Python workers. What it compiles at its second level, and
# what it collects beside a running job, is taken from them: a method has to run 4 times as often as
# by default to be compiled so, and garbage is collected by all cores at once. A heap in large pages
# is faulted in 512 times less often.
_SINGLE_MACHINE_JVM = (
    "-XX:+UseParallelGC "
    # Only Linux knows large pages by this name.
    "-XX:+IgnoreUnrecognizedVMOptions -XX:+UseTransparentHugePages "
    "-XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=3000 "
    "-XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=400000 "
    "-Xlog:cds=off -Xlog:class+path=off"
)


class SparkResource(PySparkResource):
    """The Spark session that all steps of a run share, with Delta Lake."""

    jars_dir: str

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Start Spark, or join the session that this process already has.

        Raises:
            EnvironmentSetupError: Java or the jars are missing, with what to install.
        """
        check_java()
        local_jars(Path(self.jars_dir))
        # Spark would take the first python3 on PATH, which need not have the platform installed.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        # Asked for here, as Dagster shows what a resource is configured with.
        secrets = secrets_of(load_settings().spark.config)
        self._spark_session = spark_session_from_config(self.spark_config | secrets)
        _delete_checkpoints_at_exit(self._spark_session)

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Leave the session running, for the next run of this process."""
        ungroup(self.spark_session.sparkContext)

    @property
    def session(self) -> SparkSession:
        """The running session; what a step does with it is in the step's group of jobs."""
        session: SparkSession = self.spark_session
        group_by_step(session.sparkContext)
        return session


def _delete_checkpoints_at_exit(session: SparkSession) -> None:
    """Have the JVM delete the session's folder of checkpoints, which Spark leaves where it is."""
    context = session.sparkContext
    if folder := context.getCheckpointDir():
        # PySpark has no public way to Hadoop's file systems.
        path: Any = context._jvm.org.apache.hadoop.fs.Path(folder)  # type: ignore[union-attr]
        path.getFileSystem(context._jsc.hadoopConfiguration()).deleteOnExit(path)


def spark_config(settings: SparkSettings, shared: str | None = None) -> dict[str, Any]:
    """Every Spark property of a session but the secret ones, from the settings.

    Reads the folder of jars but starts nothing, so that it may be called while definitions load.

    Args:
        settings: of Spark.
        shared: a folder or address that all machines of a cluster reach; one machine needs none.
    """
    jars_dir = Path(settings.jars_dir)
    jars = [str(jar) for jar in sorted(jars_dir.resolve().glob("*.jar"))]
    java_options = f"{_DEEP_STACK} -Dlog4j2.configurationFile={_LOG_CONFIG.as_uri()}"
    config = {
        "spark.app.name": "igniteflow",
        "spark.master": settings.master,
        "spark.driver.memory": settings.driver_memory,
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        # Delta's VACUUM lists files in so many tasks; by default in 10,000, for a table of ten.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(
            settings.shuffle_partitions
        ),
        # Spark makes the folder of its default database, which nothing uses, in the working folder
        # unless told otherwise; a container's is read-only.
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir(), "igniteflow-warehouse")),
        **_EVERYWHERE,
    }
    if settings.master.startswith("local"):
        # Only classes of the application class path come from the archive; the archive is per
        # Java version, and Java itself passes over one that does not fit.
        config |= _SINGLE_MACHINE | {
            "spark.driver.extraClassPath": ":".join(jars),
            "spark.checkpoint.dir": str(Path(tempfile.gettempdir(), "igniteflow-checkpoints")),
        }
        archives = sorted(jars_dir.resolve().glob("*.jsa"))
        java_options += f" {_SINGLE_MACHINE_JVM}"
        if archives:
            java_options += f" -XX:SharedArchiveFile={archives[-1]}"
    else:
        config["spark.executor.extraJavaOptions"] = _DEEP_STACK
        if shared is not None:
            config["spark.checkpoint.dir"] = f"{shared.rstrip('/')}/_checkpoints"
        if settings.master.startswith("k8s://"):
            # Executors are of the driver's image, and have the jars where it has them.
            config["spark.driver.extraClassPath"] = ":".join(jars)
            config["spark.executor.extraClassPath"] = ":".join(jars)
        else:
            config["spark.jars"] = ",".join(jars)
    config["spark.driver.extraJavaOptions"] = java_options
    secrets = secrets_of(settings.config)
    return config | {name: it for name, it in settings.config.items() if name not in secrets}
