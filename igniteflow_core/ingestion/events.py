"""Tables of events: rows as delivered → rows of the contract, and the rest with the reasons."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.read import read_table
from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    missing,
    number,
    utc_time,
    with_reasons,
)
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.quarantine import quarantine_of


def read_events(
    spark: SparkSession, source: SourceSettings | None, root: str, contract: TableContract
) -> DataFrame:
    """The source's rows as text; no rows where the settings name no source.

    Raises as ``igniteflow_core.ingestion.read.read_table``.
    """
    if source is None:
        columns = ", ".join(f"`{name}` string" for name in contract.column_names)
        return spark.createDataFrame([], f"{columns}, source_file string")
    return read_table(spark, source, root, contract.column_names)


def judge_events(
    raw: DataFrame,
    contract: TableContract,
    time_zone: str,
    rules: Mapping[str, Column] | None = None,
) -> DataFrame:
    """Every row of ``raw``, with ``reasons`` why it is no row of the contract, or none.

    Text must not be blank, numbers must be finite, times must be times, and of several rows of one
    key the earliest counts; the others are ``duplicate``.

    Args:
        raw: the contract's columns as text, and source_file.
        contract: of columns of text, numbers and times, none of them nullable.
        time_zone: of times that state none.
        rules: further reasons, and the conditions under which a row gets them.
    """
    typed = {
        column.name: _typed(column.name, column.type, time_zone) for column in contract.columns
    }
    broken = {
        ("missing_" if column.type == "string" else "invalid_") + column.name: (
            missing(column.name) if column.type == "string" else typed[column.name].isNull()
        )
        for column in contract.columns
    }
    judged = with_reasons(raw, broken | dict(rules or {}))
    order = [typed["event_time"].asc(), F.col("source_file").asc(), F.struct(*typed).asc()]
    return add_reason_to_repeats(judged, [typed[name] for name in contract.key], order, "duplicate")


def accepted_events(judged: DataFrame, contract: TableContract, time_zone: str) -> DataFrame:
    """The rows without a reason, as the contract types them."""
    return judged.where(F.size("reasons") == 0).select(
        *(_typed(each.name, each.type, time_zone).alias(each.name) for each in contract.columns)
    )


def quarantined_events(judged: DataFrame, contract: TableContract) -> DataFrame:
    """The rows with a reason, as the contract's quarantine."""
    return judged.where(F.size("reasons") > 0).select(quarantine_of(contract).column_names)


def _typed(name: str, type_name: str, time_zone: str) -> Column:
    match type_name:
        case "double":
            return number(name)
        case "timestamp":
            return utc_time(name, time_zone)
        case _:
            return F.trim(name)
