"""A program that uses Spark in each of the ways in which the graph does, on a few rows.

Set-up runs it once, and Java archives the classes that it has loaded:
``python -m igniteflow_resources.spark.warm_up JARS ARCHIVE FOLDER``.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from dagster_pyspark.resources import spark_session_from_config
from delta.tables import DeltaTable
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.spark.session import spark_config


def main(jars_dir: str, archive: str, folder: str) -> None:
    """Use everything once in a session that writes the archive at its end."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = SparkSettings(master="local[1]", shuffle_partitions=1, jars_dir=jars_dir)
    # The archive depends on the class path, and on no other option.
    options = {"spark.driver.extraJavaOptions": f"-XX:ArchiveClassesAtExit={archive}"}
    spark = spark_session_from_config(spark_config(settings) | options)
    try:
        rows = _source(spark, Path(folder))
        path = str(Path(folder, "delta"))
        _delta(spark, rows, path)
        _queries(spark.read.format("delta").load(path))
        _python(spark.read.format("delta").load(path))
        _als(rows)
    finally:
        spark.stop()


def _source(spark: SparkSession, folder: Path) -> DataFrame:
    files, events = str(folder / "parquet"), folder / "events.json"
    spark.createDataFrame(
        pd.DataFrame({"id": range(10), "day": pd.Timestamp("2025-01-01"), "amount": 1.5})
    ).selectExpr(
        "cast(id AS string) AS id", "cast(day AS date) AS day", "day AS time", "amount",
        "id % 3 AS number", "array('a', 'b') AS texts",
    ).write.parquet(files)  # fmt: skip
    events.write_text('{"id": "1", "amount": 2.5}\n')
    spark.read.schema("id string, amount double").json(str(events)).collect()
    return spark.read.parquet(files)


def _delta(spark: SparkSession, rows: DataFrame, path: str) -> None:
    for options in ({"overwriteSchema": "true"}, {"replaceWhere": "day = DATE'2025-01-01'"}):
        writer = rows.write.format("delta").mode("overwrite").options(**options)
        writer.save(path, partitionBy=["day"])
    spark.read.format("delta").load(path).count()
    table = DeltaTable.forPath(spark, path)
    table.alias("held").merge(
        rows.alias("new"), "held.id = new.id"
    ).whenNotMatchedInsertAll().execute()
    table.history(20).select("version", "userMetadata", "operationMetrics").collect()
    spark.sql(f"ALTER TABLE delta.`{path}` ADD COLUMNS (later double)")


def _queries(table: DataFrame) -> None:
    few = table.where("day >= DATE'2025-01-01' AND amount > 0").select("id", "number", "time")
    newest = Window.partitionBy("number").orderBy(F.desc("time"))
    ranked = few.withColumn("place", F.row_number().over(newest)).persist()
    ranked.groupBy("number").agg(
        F.count("*"), F.max("time"), F.avg("place"), F.countDistinct("id"), F.collect_list("id")
    ).collect()
    ranked.join(F.broadcast(table.select("id", "amount")), "id", "left").count()
    ranked.hint("merge").join(table, "id", "anti").toPandas()
    ranked.hint("shuffle_hash").join(table, "id", "left_semi").toArrow()
    ranked.unpersist()
    table.select("id", F.explode("texts").alias("text"), F.to_json(F.struct("id"))).distinct().sort(
        F.xxhash64("text")
    ).toPandas()
    table.agg(F.percentile_approx("amount", 0.5), F.stddev("amount"), F.min("day")).collect()
    table.select(
        F.try_to_timestamp("id"), F.col("id").rlike("^a"), F.col("id").try_cast("int")
    ).take(1)
    table.union(table).limit(3).toLocalIterator()


def _python(table: DataFrame) -> None:
    def batches(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from rows

    def frames(rows: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        yield from rows

    two = table.select("id", "amount")
    two.repartition(1, "id").sortWithinPartitions("id").mapInArrow(batches, two.schema).collect()
    two.mapInPandas(frames, two.schema).toPandas()


def _als(rows: DataFrame) -> None:
    pairs = rows.selectExpr("cast(id AS int) AS user", "cast(number AS int) AS item", "amount")
    als = ALS(rank=2, maxIter=2, userCol="user", itemCol="item", ratingCol="amount")
    als.fit(pairs).userFactors.toArrow()


if __name__ == "__main__":
    main(*sys.argv[1:])
