"""When an asset is too old, by how often it is made."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import dagster as dg

_FORM: Final = "%Y-%m-%d %H:%M"
_FIRST, _LAST = datetime(2025, 1, 1), datetime(2025, 7, 1)  # noqa: DTZ001 - any half year will do
_LATE, _TOO_OLD = 1.25, 2.0


def longest_interval(cron: str) -> timedelta:
    """The longest time between two ticks, such as three days of one on working days."""
    # Dagster's own reading of cron expressions is public in its partitions alone.
    ticks = dg.TimeWindowPartitionsDefinition(
        start=_FIRST, end=_LAST, cron_schedule=cron, fmt=_FORM
    ).get_partition_keys(current_time=_LAST)
    times = [datetime.strptime(tick, _FORM) for tick in ticks]  # noqa: DTZ007 - only differences
    return max((after - before for before, after in pairwise(times)), default=_LAST - _FIRST)


def fresh_by(*crons: str) -> dg.FreshnessPolicy:
    """The policy of an asset that is made at the ticks of each of these expressions.

    It warns once the next run should have been through, a quarter of the time between two runs
    after its tick, and fails when the run after that one is due too.
    """
    interval = min(longest_interval(cron) for cron in crons)
    return dg.FreshnessPolicy.time_window(
        warn_window=_LATE * interval, fail_window=_TOO_OLD * interval
    )
