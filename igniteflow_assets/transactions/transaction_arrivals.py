"""The days with rows that arrived since the last run, in a topic or an append-only table."""

from datetime import UTC, datetime

import dagster as dg

from igniteflow_assets.automation import by_the_clock
from igniteflow_assets.freshness import fresh_by
from igniteflow_assets.transactions.transaction_source import transaction_source
from igniteflow_core.config.load import load_settings
from igniteflow_core.ingestion.arrivals import read_arrivals
from igniteflow_core.schemas.topic import TOPIC_MESSAGES
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource
from igniteflow_resources.stream.landing import land_messages

NAME = "transaction_arrivals"
LOOKED_AT = "looked_at"
DAYS = "rows_by_day"
WATERMARK = "watermark"
WATERMARK_OF = "watermark_of"
"""Names of the metadata: start time, rows by day, and the watermark from which to continue."""

_settings = load_settings()
_source = _settings.sources.transactions


def look_for_arrivals(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    spark: SparkResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Read the arrivals after the watermark of the last materialization.

    The watermark and the days are in one record of Dagster, so that a killed run stores either
    both or neither.
    """
    current = settings.current
    looked_at = datetime.now(UTC)
    source = current.sources.transactions
    if source.format == "kafka":
        land_messages(spark.session, current.stream, source.path, lake.path(TOPIC_MESSAGES.name))
    order = f"{source.arrival_order} of {source.table or source.query or source.path}"
    arrived = read_arrivals(
        spark.session,
        transaction_source(current, lake),
        current.sources.root,
        clock=current.sources.clock(looked_at),
        first_day=current.partitions.start_date,
        after=_last_watermark(context.instance, order),
    )
    return dg.MaterializeResult(
        metadata={
            LOOKED_AT: dg.MetadataValue.timestamp(looked_at),
            "rows": sum(arrived.days.values()),
            DAYS: dg.MetadataValue.json({str(day): rows for day, rows in arrived.days.items()}),
            **({WATERMARK: arrived.newest, WATERMARK_OF: order} if arrived.newest else {}),
        }
    )


def _last_watermark(instance: dg.DagsterInstance, order: str) -> str | None:
    """Return the last watermark; None if there is none, or if it is of another order."""
    last = instance.get_latest_materialization_event(dg.AssetKey(NAME))
    metadata = last.asset_materialization.metadata if last and last.asset_materialization else {}
    if WATERMARK not in metadata or metadata[WATERMARK_OF].value != order:
        return None
    return str(metadata[WATERMARK].value)


transaction_arrivals = (
    dg.asset(
        look_for_arrivals,
        name=NAME,
        description="Days of the rows that have arrived since the last run; messages of a topic "
        f"are landed in the table {TOPIC_MESSAGES.name}",
        kinds={"kafka", "delta"} if _source.format == "kafka" else {"spark"},
        automation_condition=by_the_clock(_settings.schedules.arrivals_cron),
        freshness_policy=fresh_by(_settings.schedules.arrivals_cron),
    )
    if _source.arrival_order
    else None
)
