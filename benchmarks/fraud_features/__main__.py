"""Generate the data first, so that nothing is generated during the measurement::

python -m benchmarks.fraud_features generate --scales 1 3 10
python -m benchmarks.fraud_features compare --scale 1 [--steps pandas first delta]
python -m benchmarks.fraud_features day
"""

import argparse
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.fraud_features.data import FIRST_DAY, LAST_DAY, source_of, write_transactions
from benchmarks.fraud_features.peers import by_pandas, by_polars, largest_difference
from benchmarks.measure import Measured, measure
from benchmarks.session import local_spark
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.features.definitions import FEATURE_NAMES, STANDARD_FEATURES
from igniteflow_core.features.spark import fraud_features

DELAY = timedelta(days=7)
HISTORIES = (30, 90, 180)
RUNS = ("first", "second", "third")
STEPS = ("pandas", "polars", *RUNS, "delta")


def main() -> None:
    """Write the data, or print a table of measurements."""
    parser = argparse.ArgumentParser(prog="benchmarks.fraud_features")
    parser.add_argument("--data", type=Path, default=Path("data/benchmarks/fraud_features"))
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="write the transactions of each scale")
    generate.add_argument("--scales", type=int, nargs="+", default=[1, 3, 10])
    compare = commands.add_parser("compare", help="compare Spark with its peers, in a new session")
    compare.add_argument("--scale", type=int, default=1)
    compare.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    commands.add_parser("day", help="the cost of one additional day by length of history")
    chosen = parser.parse_args()
    if chosen.command == "generate":
        for scale in chosen.scales:
            write_transactions(chosen.data, scale)
        return
    with tempfile.TemporaryDirectory() as folder:
        warehouse = {"spark.sql.warehouse.dir": str(Path(folder, "warehouse"))}
        spark = local_spark(SparkSettings(config=warehouse))
        if chosen.command == "compare":
            source = source_of(chosen.data, chosen.scale)
            _compare(spark, source, Path(folder), chosen.scale, chosen.steps)
        else:
            _increments(spark, source_of(chosen.data, 1), Path(folder))
        spark.stop()


def _compare(spark: SparkSession, source: Path, folder: Path, scale: int, steps: list[str]) -> None:
    """Compute all features with Spark, and the standard features with the peers."""
    transactions = spark.read.parquet(str(source / "transactions"))
    features = _features(transactions, source)
    rows = transactions.count()
    print(f"\n## {scale} x: {rows:,} transactions\n")
    print("| what | features | seconds | rows/s | peak GiB | seconds / pandas |")
    print("|---|---:|---:|---:|---:|---:|")
    pandas: Measured[pd.DataFrame] | None = None
    if "pandas" in steps:
        frame = _in_order(pd.read_parquet(source / "transactions"))
        pandas = measure(lambda: by_pandas(frame))
        _row("pandas groupby-rolling", len(STANDARD_FEATURES), pandas, rows, pandas)
        del frame
    if "polars" in steps:
        polars_frame = pl.from_pandas(_in_order(pd.read_parquet(source / "transactions")))
        polars = measure(lambda: by_polars(polars_frame))
        _row("Polars rolling", len(STANDARD_FEATURES), polars, rows, pandas)
        del polars_frame, polars
    for run in RUNS:
        if run in steps:
            spark_run = measure(_into_nothing(features))
            _row(f"Spark, {run} run", len(FEATURE_NAMES), spark_run, rows, pandas)
    if "delta" in steps:
        written = measure(_into_delta(features, folder / "features"))
        _row("Spark, written to Delta", len(FEATURE_NAMES), written, rows, pandas)
    if "delta" in steps and pandas is not None:
        stored = spark.read.format("delta").load(str(folder / "features"))
        ours = _in_order(
            stored.select("event_time", "transaction_id", *STANDARD_FEATURES).toPandas()
        )
        print(f"\nLargest difference from pandas: {largest_difference(ours, pandas.result):.2g}")


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["event_time", "transaction_id"], ignore_index=True)


def _increments(spark: SparkSession, source: Path, folder: Path) -> None:
    """Compute only the newest day, with an increasing number of days of history in the table."""
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
    what: str,
    features: int,
    run: Measured[object],
    rows: int,
    pandas: Measured[pd.DataFrame] | None,
) -> None:
    ratio = f"{run.seconds / pandas.seconds:.3f}" if pandas else ""
    print(
        f"| {what} | {features} | {run.seconds:.1f} | {rows / run.seconds:,.0f} | "
        f"{run.peak_gib:.1f} | {ratio} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
