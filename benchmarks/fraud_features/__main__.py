"""Run it: ``python -m benchmarks.fraud_features [--scales 1 3 10] [--without-pandas-from 10]``."""

import argparse
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
from dagster import build_init_resource_context
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.fraud_features.data import FIRST_DAY, LAST_DAY, write_transactions
from benchmarks.fraud_features.peers import by_pandas, by_polars, largest_difference
from benchmarks.measure import Measured, measure
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.features.definitions import FEATURE_NAMES, STANDARD_FEATURES
from igniteflow_core.features.spark import fraud_features
from igniteflow_resources.spark.session import SparkResource, spark_config

DELAY = timedelta(days=7)
HISTORIES = (30, 90, 180)


def main() -> None:
    """Print every table of figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.fraud_features")
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 3, 10])
    parser.add_argument("--without-pandas-from", type=int, default=10, metavar="SCALE")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spark = _session(Path(folder))
        for scale in chosen.scales:
            source = write_transactions(Path(folder), scale)
            _compare(spark, source, scale, with_pandas=scale < chosen.without_pandas_from)
            if scale == min(chosen.scales):
                _increments(spark, source, Path(folder))
        spark.stop()


def _session(folder: Path) -> SparkSession:
    """A session as the platform makes it, with both of the JVM's compilers as in production.

    The laptop's default leaves the second compiler out, which starts faster and runs long jobs
    slower.
    """
    settings = SparkSettings(
        config={
            "spark.driver.extraJavaOptions": "-Xss8m",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        }
    )
    resource = SparkResource(spark_config=spark_config(settings), jars_dir=settings.jars_dir)
    resource.setup_for_execution(build_init_resource_context())
    resource.session.sparkContext.setLogLevel("ERROR")
    return resource.session


def _compare(spark: SparkSession, source: Path, scale: int, *, with_pandas: bool) -> None:
    """All features by Spark, and the standard ones by the peers, on the same rows."""
    features = _features(spark.read.parquet(str(source / "transactions")), source)
    rows = spark.read.parquet(str(source / "transactions")).count()
    print(f"\n## {scale} x: {rows:,} transactions\n")
    print("| what | features | seconds | rows/s | peak GiB | seconds / pandas |")
    print("|---|---:|---:|---:|---:|---:|")
    pandas_seconds = None
    frame = None
    if with_pandas:
        frame = pd.read_parquet(source / "transactions").sort_values(
            ["event_time", "transaction_id"], ignore_index=True
        )
        pandas = measure(lambda: by_pandas(frame))
        pandas_seconds = pandas.seconds
        _row("pandas groupby-rolling", len(STANDARD_FEATURES), pandas, rows, pandas_seconds)
        polars_frame = pl.from_pandas(frame)
        polars = measure(lambda: by_polars(polars_frame))
        _row("Polars rolling", len(STANDARD_FEATURES), polars, rows, pandas_seconds)
    for run in ("first", "second"):
        spark_run = measure(_into_nothing(features))
        _row(f"Spark, {run} run", len(FEATURE_NAMES), spark_run, rows, pandas_seconds)
    written = measure(_into_delta(features, source / "features"))
    _row("Spark, written to Delta", len(FEATURE_NAMES), written, rows, pandas_seconds)
    if frame is not None:
        stored = spark.read.format("delta").load(str(source / "features"))
        ours = stored.select("event_time", "transaction_id", *STANDARD_FEATURES).toPandas()
        ours = ours.sort_values(["event_time", "transaction_id"], ignore_index=True)
        print(f"\nLargest difference from pandas: {largest_difference(ours, pandas.result):.2g}")


def _increments(spark: SparkSession, source: Path, folder: Path) -> None:
    """The newest day alone, with more and more days of history in the table."""
    print("\n## One more day\n")
    print("| days of history in the table | seconds, second run | / 30 days |")
    print("|---:|---:|---:|")
    transactions = spark.read.parquet(str(source / "transactions"))
    base = None
    for days in HISTORIES:
        path = str(folder / f"history-{days}")
        kept = transactions.where(F.col("event_date") >= LAST_DAY - timedelta(days=days))
        kept.write.format("delta").partitionBy("event_date").save(path)
        lake = spark.read.format("delta").load(path)
        day = _features(lake, source, first_day=LAST_DAY)
        measure(_into_nothing(day))
        again = measure(_into_nothing(day)).seconds
        base = base or again
        print(f"| {days} | {again:.2f} | {again / base:.2f} |", flush=True)


def _features(transactions: DataFrame, source: Path, *, first_day: date = FIRST_DAY) -> DataFrame:
    spark = transactions.sparkSession
    return fraud_features(
        transactions,
        spark.read.parquet(str(source / "customers.parquet")),
        spark.read.parquet(str(source / "terminals.parquet")),
        first_day=first_day,
        last_day=LAST_DAY,
        label_delay=DELAY,
    )


def _into_nothing(frame: DataFrame) -> Callable[[], None]:
    return lambda: frame.write.format("noop").mode("overwrite").save()


def _into_delta(frame: DataFrame, path: Path) -> Callable[[], None]:
    return lambda: frame.write.format("delta").mode("overwrite").save(str(path))


def _row(
    what: str, features: int, run: Measured[object], rows: int, pandas_seconds: float | None
) -> None:
    ratio = f"{run.seconds / pandas_seconds:.3f}" if pandas_seconds else ""
    print(
        f"| {what} | {features} | {run.seconds:.1f} | {rows / run.seconds:,.0f} | "
        f"{run.peak_gib:.1f} | {ratio} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
