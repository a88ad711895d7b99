"""Tables of events: rows as delivered → rows of the contract, and the rest with the reasons."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.read import read_table
from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    broken_ids,
    with_reasons,
)
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import implausible, number, text, utc_time


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
    clock: Clock,
    rules: Mapping[str, Column] | None = None,
) -> DataFrame:
    """Every row of ``raw``, with ``reasons`` why it is no row of the contract, or none.

    Text must be an id, numbers must be finite, times must be times that an event can have, and of
    several rows of one key the earliest counts; the others are ``duplicate``.

    Args:
        raw: the contract's columns as text, and source_file.
        contract: of columns of text, numbers and times, none of them nullable.
        clock: of the delivery.
        rules: further reasons, and the conditions under which a row gets them.
    """
    typed = {column.name: _typed(column.name, column.type, clock) for column in contract.columns}
    texts = [column.name for column in contract.columns if column.type == "string"]
    broken = broken_ids(*texts) | {
        f"invalid_{name}": column.isNull() for name, column in typed.items() if name not in texts
    }
    broken |= implausible(typed["event_time"], clock)
    judged = with_reasons(raw, broken | dict(rules or {}))
    order = [typed["event_time"].asc(), F.col("source_file").asc(), F.struct(*typed).asc()]
    return add_reason_to_repeats(judged, [typed[name] for name in contract.key], order, "duplicate")


def accepted_events(judged: DataFrame, contract: TableContract, clock: Clock) -> DataFrame:
    """The rows without a reason, as the contract types them."""
    return judged.where(F.size("reasons") == 0).select(
        *(_typed(each.name, each.type, clock).alias(each.name) for each in contract.columns)
    )


def quarantined_events(judged: DataFrame, contract: TableContract) -> DataFrame:
    """The rows with a reason, as the contract's quarantine."""
    return judged.where(F.size("reasons") > 0).select(quarantine_of(contract).column_names)


def _typed(name: str, type_name: str, clock: Clock) -> Column:
    match type_name:
        case "double":
            return number(name)
        case "timestamp":
            return utc_time(name, clock.time_zone)
        case _:
            return text(name)
