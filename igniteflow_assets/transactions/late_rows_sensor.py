"""The sensor that requests runs for days whose rows have arrived late."""

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
    """Process new materializations of transaction_arrivals; the cursor is the last storage id.

    Days that have not been read yet are left to the schedule. The run key contains the storage id,
    so that a sensor without its cursor does not request a run twice.
    """
    last = int(context.cursor) if context.cursor and context.cursor.isdecimal() else None
    looks = unseen_materializations(context.instance, NAME, last)
    arrived: dict[str, float] = {}
    for look in looks:
        arrived |= _days_and_time(look.asset_materialization)
    late = [day for day in sorted(arrived) if _was_read_before(context.instance, day, arrived[day])]
    newest = looks[-1].storage_id if looks else 0
    requests = [_request(newest, stretch) for stretch in _stretches(late)]
    return dg.SensorResult(
        run_requests=requests,
        cursor=str(newest) if looks else context.cursor,
        skip_reason=None if requests else "no rows of days that were read before",
    )


def _days_and_time(look: dg.AssetMaterialization | None) -> dict[str, float]:
    """Return the days of a materialization with its start time, in seconds since 1970."""
    metadata = look.metadata if look else {}
    if not {DAYS, LOOKED_AT} <= metadata.keys():
        # The materialization was reported without the metadata of arrivals.
        return {}
    days = metadata[DAYS].value
    looked_at = float(str(metadata[LOOKED_AT].value))
    return dict.fromkeys(map(str, days), looked_at) if isinstance(days, dict) else {}


def _was_read_before(instance: dg.DagsterInstance, day: str, time: float) -> bool:
    read_at = _read_at(instance, day)
    return read_at is not None and read_at < time


def _read_at(instance: dg.DagsterInstance, day: str) -> float | None:
    """Return when the day was last read, in seconds since 1970; None if it was not read yet."""
    of_day = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(RAW_TRANSACTIONS.name), asset_partitions=[day]
    )
    records = instance.fetch_materializations(of_day, limit=1).records
    event = records[0].asset_materialization if records else None
    if event is None:
        return None
    read_at = event.metadata.get(READ_AT)
    return float(str(read_at.value)) if read_at else records[0].timestamp


def _stretches(days: Iterable[str]) -> list[tuple[date, date]]:
    """Return the first and last day of each range of consecutive days; ``days`` is sorted."""
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
