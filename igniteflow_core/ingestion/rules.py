"""Row rules: each has a reason for quarantine and its condition."""

from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.schemas.delivery import FAULT
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.spark import invalid_id, text


def with_texts(frame: DataFrame, columns: Iterable[str], form: ValueForm) -> DataFrame:
    """Adds the trimmed text of each column, under the name of ``text_of``."""
    return frame.select("*", *(text(name, form).alias(text_of(name)) for name in columns))


def text_of(column: str) -> str:
    """The name of the column with the trimmed text of a delivered column; null if missing."""
    return f"text_of_{column}"


def value_of(column: str) -> str:
    """The name of the column with the typed value of a delivered column."""
    return f"value_of_{column}"


def broken_ids(*columns: str) -> dict[str, Column]:
    """The reasons why a text is not an id: it is missing or invalid."""
    return {f"missing_{name}": F.col(text_of(name)).isNull() for name in columns} | {
        f"invalid_{name}": invalid_id(F.col(text_of(name))) for name in columns
    }


def with_reasons(frame: DataFrame, rules: Mapping[str, Column]) -> DataFrame:
    """Adds ``reasons``: the names of all rules whose condition holds for the row.

    For a row that could not be split into columns, the fault is the only reason.
    """
    reasons = F.array(*(F.when(condition, F.lit(name)) for name, condition in rules.items()))
    # No lambda is used, because Spark interprets lambdas and does not share their subexpressions.
    broken = F.array_except(reasons, F.array(F.lit(None).cast("string")))
    fault = F.col(FAULT)
    return frame.withColumn("reasons", F.when(fault.isNotNull(), F.array(fault)).otherwise(broken))


def add_reason_to_repeats(
    frame: DataFrame, key: list[Column], order: list[Column], reason: str
) -> DataFrame:
    """Adds ``reason`` to every valid row except the first of its key in the given order.

    Rows that already have a reason are ignored, so that a bad row never displaces a good one.
    """
    clean = F.size("reasons") == 0
    window = Window.partitionBy(*key, clean).orderBy(*order)
    repeat = clean & (F.row_number().over(window) > 1)
    return frame.withColumn(
        "reasons", F.when(repeat, F.array(F.lit(reason))).otherwise(F.col("reasons"))
    )


def reason_counts(judged: DataFrame) -> dict[str, int]:
    """The number of rows with each reason, sorted by its name."""
    reasons = judged.select(F.explode("reasons").alias("reason")).groupBy("reason").count()
    return {row["reason"]: row["count"] for row in sorted(reasons.collect())}
