"""A dry run: which rows of a source proposed settings would accept."""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.settings import Settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivery import read_days_together
from igniteflow_core.ingestion.judges import judge_delivered
from igniteflow_core.ingestion.rules import reason_counts
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.tables import read_whole
from igniteflow_core.ingestion.transactions import accepted_transactions, judge_transactions
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.interactions import EVENTS, ITEMS, RATINGS, USERS
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns
from igniteflow_core.schemas.transactions import (
    CUSTOMERS,
    TERMINALS,
    TRANSACTION_SOURCE_COLUMNS,
)
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import local_day

_FIRST, _LAST = date(1000, 1, 1), date(9999, 12, 31)
_SHOWN = 5

CONTRACTS: dict[str, TableContract] = {
    contract.name: contract for contract in (CUSTOMERS, TERMINALS, RATINGS, EVENTS, USERS, ITEMS)
}
"""Contracts of the tables that are read as a whole."""


@dataclass(frozen=True)
class Trial:
    """The validation result of a source's rows.

    Attributes:
        rows: number of rows.
        kept: number of accepted rows.
        reasons: number of rejected rows by reason.
        first_day: first day of the accepted events in the source's zone; None without times.
        last_day: last day of the accepted events.
        examples: a few accepted rows.
    """

    rows: int
    kept: int
    reasons: dict[str, int]
    first_day: date | None
    last_day: date | None
    examples: list[dict[str, object]]


def try_source(
    spark: SparkSession,
    table: str,
    source: SourceSettings,
    settings: Settings,
    clock: Clock,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> Trial:
    """Read the whole source as the table and validate each row; nothing is written.

    Args:
        spark: Spark session.
        table: IgniteFlow's table.
        source: settings of the source; ``{date}`` in its path matches every day.
        settings: settings of the platform.
        clock: rules for the event times of the delivery.
        own: own columns of transactions.

    Raises:
        SourceNotDeliveredError, UnreadableSourceError, SourceSchemaError: as ``read_days``.
    """
    every_day = source.model_copy(update={"path": source.path.replace("{date}", "*")})
    with reading(source.path):
        if table == "transactions":
            judged, accepted = _transactions(spark, every_day, clock, own)
        else:
            contract = CONTRACTS[table]
            whole = judge_delivered(
                read_whole(spark, every_day, "", contract),
                contract,
                clock,
                source.form,
                event_types=settings.recommendations.events.types,
            )
            judged, accepted = whole.rows, whole.accepted
        judged.persist()
        try:
            return _trial(judged, accepted, clock.time_zone)
        finally:
            judged.unpersist()


def _transactions(
    spark: SparkSession, source: SourceSettings, clock: Clock, own: OwnColumns
) -> tuple[DataFrame, DataFrame]:
    delivered = read_days_together(
        spark,
        source,
        "",
        [_FIRST, _LAST],
        (*TRANSACTION_SOURCE_COLUMNS, *own),
        optional=("is_fraud",),
        clock=clock,
        first_day=_FIRST,
    )
    known = spark.createDataFrame([], "transaction_id string")
    judged = judge_transactions(delivered.rows, known, clock, source.form, own)
    return judged, accepted_transactions(judged, own)


def _trial(judged: DataFrame, accepted: DataFrame, time_zone: str) -> Trial:
    rows = judged.count()
    first = last = None
    if "event_time" in accepted.columns:
        day = local_day(F.col("event_time"), time_zone)
        first, last = accepted.agg(F.min(day), F.max(day)).collect()[0]
    return Trial(
        rows=rows,
        kept=accepted.count(),
        reasons=reason_counts(judged),
        first_day=first,
        last_day=last,
        examples=[row.asDict() for row in accepted.take(_SHOWN)],
    )
