"""Tables that are delivered whole: rows as delivered → rows of the contract, and the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivery import read_table
from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    broken_ids,
    with_reasons,
)
from igniteflow_core.schemas.contract import Column as ContractColumn
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.delivery import FAULT, ROW_TEXT, SOURCE_FILE
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import boolean, implausible, missing, number, text, utc_time


@dataclass(frozen=True)
class JudgedTable:
    """The rows of a delivery and the verdict on each.

    Attributes:
        rows: as delivered, with ``reasons`` why a row is none of the contract's, or none.
        contract: that they were judged by.
        typed: the contract's columns, made of the text of ``rows``.
    """

    rows: DataFrame
    contract: TableContract
    typed: Mapping[str, Column]

    @property
    def accepted(self) -> DataFrame:
        """The rows without a reason, as the contract types them."""
        return self.rows.where(F.size("reasons") == 0).select(
            *(column.alias(name) for name, column in self.typed.items())
        )

    @property
    def quarantined(self) -> DataFrame:
        """The rows with a reason, as the contract's quarantine."""
        return self.rows.where(F.size("reasons") > 0).select(
            quarantine_of(self.contract).column_names
        )


def read_whole(
    spark: SparkSession, source: SourceSettings | None, root: str, contract: TableContract
) -> DataFrame:
    """The contract's columns as text; no rows where the settings name no source.

    A nullable column may be missing from the source. Rows and errors are as those of
    ``igniteflow_core.ingestion.delivery.read_table``.
    """
    if source is None:
        names = [*contract.column_names, SOURCE_FILE, FAULT, ROW_TEXT]
        return spark.createDataFrame([], ", ".join(f"`{name}` string" for name in names))
    optional = [column.name for column in contract.columns if column.nullable]
    return read_table(spark, source, root, contract.column_names, optional)


def judge_table(
    raw: DataFrame,
    contract: TableContract,
    clock: Clock,
    *,
    separator: str = "|",
    rules: Mapping[str, Column] | None = None,
    counts_first: Sequence[Column] = (),
    repeat: str = "duplicate",
) -> JudgedTable:
    """Judge every row: values must be what the contract's types say, and keys occur once.

    Text must be an id, unless it may be null; numbers must be finite, times must be times that an
    event can have. A value that may be null is null where its text is missing, and no other.

    Args:
        raw: as ``read_whole``.
        contract: of the table.
        clock: of the delivery.
        separator: of the texts of a list.
        rules: further reasons, and the conditions under which a row gets them.
        counts_first: of several rows of one key the first in this order counts; rows that are
            equal in it go by time where they have one, by file and by content.
        repeat: the reason that the other rows of the key get.
    """
    typed = {column.name: _typed(column, clock, separator) for column in contract.columns}
    broken: dict[str, Column] = {}
    for column in contract.columns:
        broken |= _broken(column, typed[column.name])
        if column.type == "timestamp":
            broken |= implausible(typed[column.name], clock)
    judged = with_reasons(raw, broken | dict(rules or {}))
    times = [typed[column.name].asc() for column in contract.columns if column.type == "timestamp"]
    order = [*counts_first, *times, F.col(SOURCE_FILE).asc(), F.struct(*typed.values()).asc()]
    key = [typed[name] for name in contract.key]
    return JudgedTable(add_reason_to_repeats(judged, key, order, repeat), contract, typed)


def _broken(column: ContractColumn, typed: Column) -> dict[str, Column]:
    name = column.name
    if column.type == "array<string>" or (column.type == "string" and column.nullable):
        return {}
    if column.type == "string":
        return broken_ids(name)
    invalid = typed.isNull() & ~missing(name) if column.nullable else typed.isNull()
    return {f"invalid_{name}": invalid}


def _typed(column: ContractColumn, clock: Clock, separator: str) -> Column:
    name = column.name
    match column.type:
        case "double":
            return number(name)
        case "boolean":
            return boolean(name)
        case "timestamp":
            return utc_time(name, clock.time_zone)
        case "array<string>":
            parts = F.transform(F.split(name, re.escape(separator)), F.trim)
            filled = F.filter(parts, lambda part: part != "")
            return F.coalesce(filled, F.array().cast("array<string>"))
        case _:
            return text(name)
