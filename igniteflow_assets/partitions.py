"""Every partitioning of the graph."""

from datetime import date, timedelta

import dagster as dg

from igniteflow_core.config.load import load_settings

_DAY = timedelta(days=1)
_all = load_settings()
_settings = _all.partitions

daily = dg.DailyPartitionsDefinition(
    start_date=_settings.start_date.isoformat(),
    # Dagster leaves the end date out, the settings count it in.
    end_date=(_settings.end_date + _DAY).isoformat() if _settings.end_date else None,
    timezone=_all.sources.time_zone,
)
"""One partition a day, in the zone of the sources."""

one_run_for_all_days = dg.BackfillPolicy.single_run()
"""A backfill of many days is one run: one Spark session and one commit instead of one a day."""


def days_of(window: dg.TimeWindow) -> list[date]:
    """The days of a time window of daily partitions."""
    count = (window.end.date() - window.start.date()).days
    return [window.start.date() + number * _DAY for number in range(count)]
