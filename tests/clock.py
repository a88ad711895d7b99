"""How the tests read the times of a delivery."""

from datetime import UTC, date, datetime, timedelta

from igniteflow_core.values.rules import Clock, clock


def clock_of(time_zone: str) -> Clock:
    """A clock of that zone, later than all that the tests deliver."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    return clock(time_zone, earliest=date(1990, 1, 1), now=now, skew=timedelta(hours=1))


CLOCK = clock_of("UTC")
BERLIN = clock_of("Europe/Berlin")
