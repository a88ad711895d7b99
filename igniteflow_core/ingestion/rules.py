"""Row rules: each names a reason for quarantine and the condition under which a row gets it."""

from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.schemas.delivery import FAULT
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.spark import invalid_id, text


def with_texts(frame: DataFrame, columns: Iterable[str], form: ValueForm) -> DataFrame:
    """Adds the trimmed text of each of the columns, under the name that ``text_of`` gives."""
    return frame.select("*", *(text(name, form).alias(text_of(name)) for name in columns))


def text_of(column: str) -> str:
    """The column that holds the trimmed text of a delivered column; null where it is missing."""
    return f"text_of_{column}"


def value_of(column: str) -> str:
    """The column that holds the value of a delivered column, as the contract types it."""
    return f"value_of_{column}"


def broken_ids(*columns: str) -> dict[str, Column]:
    """The reasons why a text is no id: it is missing, or may be none."""
    return {f"missing_{name}": F.col(text_of(name)).isNull() for name in columns} | {
        f"invalid_{name}": invalid_id(F.col(text_of(name))) for name in columns
    }


def with_reasons(frame: DataFrame, rules: Mapping[str, Column]) -> DataFrame:
    """Adds ``reasons``: the names of all the rules whose condition holds for the row.

    Of a row that could not be split into columns the fault is the only reason.
    """
    reasons = F.array(*(F.when(condition, F.lit(name)) for name, condition in rules.items()))
    # No filter by a lambda: Spark interprets all that is in one, and does not see what rules share.
    broken = F.array_except(reasons, F.array(F.lit(None).cast("string")))
    fault = F.col(FAULT)
    return frame.withColumn("reasons", F.when(fault.isNotNull(), F.array(fault)).otherwise(broken))


def add_reason_to_repeats(
    frame: DataFrame, key: list[Column], order: list[Column], reason: str
) -> DataFrame:
    """Adds ``reason`` to every row without one but the first of its key in the given order.

    Rows that already have a reason take no part, so that a bad row never displaces a good one.
    """
    clean = F.size("reasons") == 0
    window = Window.partitionBy(*key, clean).orderBy(*order)
    repeat = clean & (F.row_number().over(window) > 1)
    return frame.withColumn(
        "reasons", F.when(repeat, F.array(F.lit(reason))).otherwise(F.col("reasons"))
    )


def reason_counts(judged: DataFrame) -> dict[str, int]:
    """How many of the rows have each reason, by its name in order."""
    reasons = judged.select(F.explode("reasons").alias("reason")).groupBy("reason").count()
    return {row["reason"]: row["count"] for row in sorted(reasons.collect())}
