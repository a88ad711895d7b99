"""The partitions definitions of the graph."""

from datetime import date, timedelta

import dagster as dg

from igniteflow_core.config.load import load_settings

_DAY = timedelta(days=1)
_all = load_settings()
_settings = _all.partitions

daily = dg.DailyPartitionsDefinition(
    start_date=_settings.start_date.isoformat(),
    # Dagster's end date is exclusive, the end date of the settings is inclusive.
    end_date=(_settings.end_date + _DAY).isoformat() if _settings.end_date else None,
    timezone=_all.sources.time_zone,
)
"""One partition per day, in the time zone of the sources."""

one_run_for_all_days = dg.BackfillPolicy.single_run()
"""A backfill of many days is one run, with one Spark session and one commit for all days."""


def days_of(window: dg.TimeWindow) -> list[date]:
    """Return the days of a time window of daily partitions."""
    count = (window.end.date() - window.start.date()).days
    return [window.start.date() + number * _DAY for number in range(count)]
