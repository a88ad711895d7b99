"""A lake with the platform's three kinds of writes, and measurements of its tables."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dagster import build_resources
from pyspark.sql import functions as F

from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_resources.lake.maintenance import maintain_table
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.spark.session import SparkResource, spark_config

DAILY, LOG, STREAM = "daily", "log", "stream"
TABLES = (DAILY, LOG, STREAM)
_FIRST = date(2025, 1, 1)
_COLUMNS = "id bigint, amount double, text string"
_LOG = TableContract(
    name=LOG,
    description="",
    columns=(
        Column(name="id", type="bigint", description=""),
        Column(name="amount", type="double", description=""),
        Column(name="text", type="string", description=""),
    ),
    key=("id",),
    append_only=True,
)
_READS = 3


@dataclass(frozen=True)
class Weight:
    """The size of one table on disk, and the time to aggregate all of its rows."""

    data_files: int
    log_files: int
    megabytes: float
    read_seconds: float


@contextmanager
def local_lake(root: Path) -> Iterator[LakeResource]:
    """Open a lake in a folder, whose history may be shorter than a week."""
    settings = SparkSettings(
        config={"spark.databricks.delta.retentionDurationCheck.enabled": "false"}
    )
    spark = SparkResource(spark_config=spark_config(settings), jars_dir=settings.jars_dir)
    with build_resources({"lake": LakeResource(spark=spark, root=str(root))}) as built:
        built.lake.spark.session.sparkContext.setLogLevel("ERROR")
        yield built.lake


def write_day(lake: LakeResource, day: int, *, rows: int, batches: int, merges: int) -> None:
    """Write a day's partition twice, merge into the log, and append micro-batches."""
    today = _FIRST + timedelta(days=day)
    for _ in range(2):
        made = _rows(lake, day * rows, rows).withColumn("day", F.lit(today))
        where = f"day = DATE'{today}'"
        made.repartition(2).write.format("delta").mode("overwrite").option(
            "replaceWhere", where
        ).save(lake.path(DAILY), partitionBy=["day"])
    for number in range(merges):
        lake.insert_new(_LOG, _rows(lake, (day * merges + number) * 100, 100))
    for number in range(batches):
        batch = day * batches + number
        made = _rows(lake, batch * 50, 50).withColumn("day", F.lit(today))
        made.coalesce(1).write.format("delta").mode("append").options(
            txnAppId="stream", txnVersion=str(batch)
        ).save(lake.path(STREAM), partitionBy=["day"])


def maintain(lake: LakeResource, history: timedelta) -> None:
    """Maintain all tables as the nightly job does, with a shorter history."""
    for table in TABLES:
        maintain_table(lake, table, history)


def age_logs(root: Path, days: int) -> None:
    """Age the log files by some days, because Delta deletes them by their age in whole days."""
    for table in TABLES:
        for file in (root / table / "_delta_log").iterdir():
            if file.is_file():
                at = file.stat().st_mtime - days * 86_400
                os.utime(file, (at, at))


def weigh(lake: LakeResource, table: str) -> Weight:
    """Measure the files and the median time of three reads without cached snapshots."""
    folder = Path(lake.path(table))
    data = list(folder.rglob("*.parquet"))
    log = [file for file in (folder / "_delta_log").rglob("*") if file.is_file()]
    everything = [file for file in folder.rglob("*") if file.is_file()]
    session = lake.spark.session
    waited = []
    for _ in range(_READS):
        session.catalog.clearCache()
        started = time.monotonic()
        lake.read(table).agg(F.sum("amount"), F.max("text")).collect()
        waited.append(time.monotonic() - started)
    return Weight(
        data_files=len([file for file in data if "_delta_log" not in file.parts]),
        log_files=len(log),
        megabytes=sum(file.stat().st_size for file in everything) / 1e6,
        read_seconds=statistics.median(waited),
    )


def row_counts(lake: LakeResource) -> dict[str, int]:
    """Count the rows of each table."""
    return {table: lake.read(table).count() for table in TABLES}


def _rows(lake: LakeResource, first: int, count: int):
    ids = lake.spark.session.range(first, first + count)
    return ids.select(
        "id",
        (F.col("id") % 1_000 / 7).alias("amount"),
        F.sha2(F.col("id").cast("string"), 256).alias("text"),
    ).to(lake.spark.session.createDataFrame([], _COLUMNS).schema)
