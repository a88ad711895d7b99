"""Row rules: each names a reason for quarantine and the condition under which a row gets it."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.schemas.delivery import FAULT
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.spark import invalid_id, missing


def broken_ids(*columns: str, form: ValueForm) -> dict[str, Column]:
    """The reasons why a column holds no id: it is missing, or is text that may be none."""
    return {f"missing_{name}": missing(name, form) for name in columns} | {
        f"invalid_{name}": invalid_id(name, form) for name in columns
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
