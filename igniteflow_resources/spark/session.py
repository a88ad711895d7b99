"""The Spark session of a run."""

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
    # The date of a row must not depend on the machine's time zone.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Cells that contain blocks of rows are large, and an Arrow batch is limited to 2 GiB.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(128 * 2**20),
    # Over TCP, Spark and a worker can deadlock when each has sent more than the buffer of the
    # other's socket can store.
    "spark.python.unix.domain.socket.enabled": "true",
    # By default, each array of a few MiB is mapped, faulted in page by page and unmapped, which
    # takes a third of the processor time of the workers that compute features.
    "spark.executorEnv.MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "spark.executorEnv.MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
    "spark.executorEnv.MIMALLOC_PURGE_DELAY": "-1",
    # File statistics are only useful for columns that queries filter by, which come first.
    "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "8",
    # Record in the table's history what maintenance has deleted, for any file system.
    "spark.databricks.delta.vacuum.logging.enabled": "true",
    # Spark's default pattern for its UI and logs does not cover Kafka's credentials, for example.
    "spark.redaction.regex": HIDDEN_NAMES,
    # pandas writes timestamps in nanoseconds, which Spark can only read as numbers.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # Delimited text may have any encoding of Java; by default, Spark supports only a few.
    "spark.sql.legacy.javaCharsets": "true",
    # Keys of Spark's settings take precedence over AWS's default chain; Hadoop's default list does
    # not include the role of a pod's service account.
    "spark.hadoop.fs.s3a.aws.credentials.provider": (
        "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider,"
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider,"
        "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider"
    ),
}

# Delta's and Spark's defaults are for large tables on many machines: 50 tasks to read a snapshot
# and 200 to shuffle. On one machine these tasks take most of the time of a run.
_SINGLE_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.python.daemon.module": "igniteflow_resources.spark.worker_daemon",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000",
}

# Plans of many steps need a deep stack where they are serialized and deserialized.
_DEEP_STACK = "-Xss8m"

# The JVM shares a few cores with the Python workers, so its optimizing compiler and a concurrent
# garbage collector slow them down. Therefore a method must run 4 times as often as by default
# before it is optimized, and garbage is collected by all cores while the application pauses. Large
# pages reduce the page faults of the heap by a factor of 512.
_SINGLE_MACHINE_JVM = (
    "-XX:+UseParallelGC "
    # The option for large pages exists only on Linux.
    "-XX:+IgnoreUnrecognizedVMOptions -XX:+UseTransparentHugePages "
    "-XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=3000 "
    "-XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=400000 "
    "-Xlog:cds=off -Xlog:class+path=off"
)


class SparkResource(PySparkResource):
    """The Spark session that all steps of a run share, with Delta Lake."""

    jars_dir: str

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Start Spark, or use the existing session of this process.

        Raises:
            EnvironmentSetupError: Java or the jars are missing; the error names what to install.
        """
        check_java()
        local_jars(Path(self.jars_dir))
        # By default, Spark uses the first python3 on PATH, which may not have the platform.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        # Read here and not in the resource's configuration, which Dagster shows in its UI.
        secrets = secrets_of(load_settings().spark.config)
        self._spark_session = spark_session_from_config(self.spark_config | secrets)
        _delete_checkpoints_at_exit(self._spark_session)

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Keep the session running for the next run of this process."""
        ungroup(self.spark_session.sparkContext)

    @property
    def session(self) -> SparkSession:
        """Return the session; jobs that a step starts with it are in the step's job group."""
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
        # The number of tasks in which Delta's VACUUM lists files; the default is 10,000.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(
            settings.shuffle_partitions
        ),
        # By default, Spark creates the folder of its unused default database in the working
        # folder, which is read-only in a container.
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir(), "igniteflow-warehouse")),
        **_EVERYWHERE,
    }
    if settings.master.startswith("local"):
        # Java loads only classes of the application class path from the archive, and ignores an
        # archive of another Java version.
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
            # Executors run the driver's image, which contains the jars at the same paths.
            config["spark.driver.extraClassPath"] = ":".join(jars)
            config["spark.executor.extraClassPath"] = ":".join(jars)
        else:
            config["spark.jars"] = ",".join(jars)
    config["spark.driver.extraJavaOptions"] = java_options
    secrets = secrets_of(settings.config)
    public = {name: value for name, value in settings.config.items() if name not in secrets}
    return config | public
