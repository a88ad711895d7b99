"""Validates tables that are delivered as a whole; rejected rows have reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivery import read_table
from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    broken_ids,
    text_of,
    value_of,
    with_reasons,
    with_texts,
)
from igniteflow_core.schemas.contract import Column as ContractColumn
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.delivery import FAULT, ROW_TEXT, SOURCE_FILE
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import WHITE_SPACE, Clock
from igniteflow_core.values.spark import boolean, implausible, label, number, utc_time


@dataclass(frozen=True)
class JudgedTable:
    """The validated rows of a delivery.

    Attributes:
        rows: rows as delivered, with their values under the names of
            ``igniteflow_core.ingestion.rules.value_of``, and with ``reasons`` for a rejection,
            which are empty for an accepted row.
        contract: contract that the rows were validated by.
    """

    rows: DataFrame
    contract: TableContract

    @property
    def accepted(self) -> DataFrame:
        """The rows without a reason, as the contract types them."""
        return self.rows.where(F.size("reasons") == 0).select(
            *(F.col(value_of(name)).alias(name) for name in self.contract.column_names)
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
    """The contract's columns as text; no rows if the settings name no source.

    A nullable column may be missing from the source. Rows and errors are as those of
    ``igniteflow_core.ingestion.delivery.read_table``.
    """
    if source is None:
        names = [*contract.column_names, SOURCE_FILE, FAULT, ROW_TEXT]
        return spark.createDataFrame([], ", ".join(f"`{name}` string" for name in names))
    optional = [column.name for column in contract.columns if column.nullable]
    return read_table(spark, source, root, contract.column_names, optional)


def rows_of_ids(tables: Sequence[DataFrame], contract: TableContract, origin: str) -> DataFrame:
    """A row for each id in the tables, as ``read_whole`` returns rows; other columns are null.

    Args:
        tables: tables with the contract's key as a text column.
        contract: contract with a key of one column.
        origin: value of ``source_file``.
    """
    (key,) = contract.key
    ids = reduce(DataFrame.union, (table.select(key) for table in tables)).distinct()
    others = [name for name in (*contract.column_names, FAULT, ROW_TEXT) if name != key]
    return ids.select(
        key,
        *(F.lit(None).cast("string").alias(name) for name in others),
        F.lit(origin).alias(SOURCE_FILE),
    )


def judge_table(
    raw: DataFrame,
    contract: TableContract,
    clock: Clock,
    form: ValueForm = PLAIN,
    *,
    rules: Mapping[str, Column] | None = None,
    counts_first: Sequence[Column] = (),
    repeat: str = "duplicate",
) -> JudgedTable:
    """Validate every row: values must have the contract's types, and keys must be unique.

    Text must be an id, unless it may be null; numbers must be finite, and times must be plausible
    times of events. A nullable value is null only if its text is missing.

    Args:
        raw: as ``read_whole``.
        contract: contract of the table.
        clock: rules for the event times of the delivery.
        form: form of the source's values.
        rules: further reasons and their conditions, which may use the columns of ``text_of`` and
            ``value_of`` in ``igniteflow_core.ingestion.rules``.
        counts_first: of several rows with one key the first in this order counts; ties are broken
            by time if there is one, by file and by content.
        repeat: reason of the other rows of the key.
    """
    texts = with_texts(raw, contract.column_names, form)
    rows = texts.select(
        "*",
        *(_typed(each, clock, form).alias(value_of(each.name)) for each in contract.columns),
    )
    broken: dict[str, Column] = {}
    for column in contract.columns:
        broken |= _broken(column)
        if column.type == "timestamp":
            broken |= implausible(F.col(value_of(column.name)), clock, column.name)
    judged = with_reasons(rows, broken | dict(rules or {}))
    values = [F.col(value_of(name)) for name in contract.column_names]
    times = [
        F.col(value_of(column.name)).asc()
        for column in contract.columns
        if column.type == "timestamp"
    ]
    order = [*counts_first, *times, F.col(SOURCE_FILE).asc(), F.struct(*values).asc()]
    key = [F.col(value_of(name)) for name in contract.key]
    unique = add_reason_to_repeats(judged, key, order, repeat)
    return JudgedTable(unique.drop(*(text_of(name) for name in contract.column_names)), contract)


def _broken(column: ContractColumn) -> dict[str, Column]:
    name = column.name
    if column.type == "array<string>":
        # A JSON object is not a list of texts.
        return {f"invalid_{name}": F.coalesce(F.col(text_of(name)).startswith('{"'), F.lit(False))}
    if column.type == "string" and column.nullable:
        return {}
    if column.type == "string":
        return broken_ids(name)
    missing, invalid = F.col(text_of(name)).isNull(), F.col(value_of(name)).isNull()
    return {f"invalid_{name}": invalid & ~missing if column.nullable else invalid}


def _typed(column: ContractColumn, clock: Clock, form: ValueForm) -> Column:
    text = F.col(text_of(column.name))
    match column.type:
        case "double":
            return number(text, form)
        case "boolean":
            return boolean(text)
        case "int":
            # Labels are the only integers that are delivered.
            return label(text, form)
        case "timestamp":
            return utc_time(text, clock.time_zone, form)
        case "array<string>":
            listed = F.when(text.startswith("["), F.from_json(text, "array<string>"))
            texts = F.coalesce(listed, F.split(text, re.escape(form.list_separator)))
            # Passed directly, F.trim would get the index as its second parameter.
            parts = F.transform(texts, lambda each: F.trim(each, F.lit(WHITE_SPACE)))
            filled = F.filter(parts, lambda part: part != "")
            return F.coalesce(filled, F.array().cast("array<string>"))
        case _:
            return text
