"""The values of a team's own columns, and the reasons why a delivered text is invalid."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import text_of, value_of
from igniteflow_core.schemas.own_columns import OwnColumn, OwnColumns, with_own_columns
from igniteflow_core.schemas.transactions import TRANSACTIONS
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.own import NUMBER_LIMITS
from igniteflow_core.values.rules import EMAIL, IP_ADDRESS
from igniteflow_core.values.spark import invalid_id, label, number, utc_time


def own_values(own: OwnColumns, form: ValueForm, time_zone: str) -> list[Column]:
    """The value of each column, from the texts of ``text_of``; null if a text is invalid.

    A time without a zone is one of ``time_zone``.
    """
    return [
        _value(name, column, form, time_zone).alias(value_of(name)) for name, column in own.items()
    ]


def own_faults(own: OwnColumns) -> dict[str, Column]:
    """The reasons to quarantine a row, and their conditions on ``text_of`` and ``value_of``."""
    faults = {}
    for name, column in own.items():
        missing = F.col(text_of(name)).isNull()
        if column.nulls == "refuse":
            faults[f"missing_{name}"] = missing
        faults[f"invalid_{name}"] = ~missing & F.col(value_of(name)).isNull()
    return faults


def with_declared(frame: DataFrame, own: OwnColumns, *, as_text: bool = False) -> DataFrame:
    """The table with nulls in the columns that were declared after it was written."""
    contract = with_own_columns(TRANSACTIONS, own)
    return frame.withColumns(
        {
            name: F.lit(None).cast("string" if as_text else contract.column(name).type)
            for name in own
            if name not in frame.columns
        }
    )


def _value(name: str, column: OwnColumn, form: ValueForm, time_zone: str) -> Column:
    text = F.col(text_of(name))
    match column.type:
        case type_ if type_ in NUMBER_LIMITS:
            value = number(text, form)
            return F.when(F.abs(value) <= NUMBER_LIMITS[type_], value)
        case "boolean":
            # The source's own words for fraud do not apply to other boolean columns.
            return label(text).cast("boolean")
        case "timestamp":
            return utc_time(text, time_zone, form)
        case "ip":
            return F.when(~invalid_id(text) & text.rlike(IP_ADDRESS), text)
        case "email":
            return F.when(~invalid_id(text) & text.rlike(EMAIL), text)
        case _:
            return F.when(~invalid_id(text), text)
