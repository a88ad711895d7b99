"""Days that are read again because rows of theirs have arrived late."""

from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

from igniteflow_assets.cursors import unseen_materializations
from igniteflow_assets.jobs import ingestion_job
from igniteflow_assets.running import sensor_status
from igniteflow_assets.transactions.raw_transactions import READ_AT
from igniteflow_assets.transactions.transaction_arrivals import DAYS, LOOKED_AT, NAME
from igniteflow_core.runs.days import RANGE_END, RANGE_START
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS

_DAY = timedelta(days=1)


@dg.sensor(
    job=ingestion_job,
    minimum_interval_seconds=30,
    description="Reads days again of which rows have arrived since they were read",
    default_status=sensor_status("late_rows_sensor"),
)
def late_rows_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Follow the looks of transaction_arrivals; the cursor is the number of the last one.

    A day that was not read yet is left to its schedule, which reads it whole. The run key names the
    look that found the days, so that a sensor that lost its cursor asks for no run twice.
    """
    seen = int(context.cursor) if context.cursor and context.cursor.isdecimal() else None
    looks = unseen_materializations(context.instance, NAME, seen)
    found: dict[str, float] = {}
    for look in looks:
        found |= _days_and_time(look.asset_materialization)
    late = [day for day in sorted(found) if _was_read_before(context.instance, day, found[day])]
    newest = looks[-1].storage_id if looks else 0
    requests = [_request(newest, stretch) for stretch in _stretches(late)]
    return dg.SensorResult(
        run_requests=requests,
        cursor=str(newest) if looks else context.cursor,
        skip_reason=None if requests else "no rows of days that were read before",
    )


def _days_and_time(look: dg.AssetMaterialization | None) -> dict[str, float]:
    """The days that a look found, each with the time of the look, in seconds since 1970."""
    metadata = look.metadata if look else {}
    if not {DAYS, LOOKED_AT} <= metadata.keys():
        # Somebody reported it by hand, which says nothing of arrivals.
        return {}
    days = metadata[DAYS].value
    looked_at = float(str(metadata[LOOKED_AT].value))
    return dict.fromkeys(map(str, days), looked_at) if isinstance(days, dict) else {}


def _was_read_before(instance: dg.DagsterInstance, day: str, time: float) -> bool:
    read_at = _read_at(instance, day)
    return read_at is not None and read_at < time


def _read_at(instance: dg.DagsterInstance, day: str) -> float | None:
    """When the newest reading of the day began, in seconds since 1970; None if there was none."""
    of_day = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(RAW_TRANSACTIONS.name), asset_partitions=[day]
    )
    records = instance.fetch_materializations(of_day, limit=1).records
    event = records[0].asset_materialization if records else None
    if event is None:
        return None
    stated = event.metadata.get(READ_AT)
    return float(str(stated.value)) if stated else records[0].timestamp


def _stretches(days: Iterable[str]) -> list[tuple[date, date]]:
    """First and last days of the stretches without a gap, of days in order."""
    stretches: list[tuple[date, date]] = []
    for day in map(date.fromisoformat, days):
        if stretches and stretches[-1][1] + _DAY == day:
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    return stretches


def _request(look: int, stretch: tuple[date, date]) -> dg.RunRequest:
    first, last = (day.isoformat() for day in stretch)
    return dg.RunRequest(
        run_key=f"late_rows:{look}:{first}",
        tags={"igniteflow/reason": NAME, RANGE_START: first, RANGE_END: last},
    )
