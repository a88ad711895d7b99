"""The plan of the simulated year."""

from dataclasses import dataclass
from datetime import date, timedelta

from igniteflow_core.simulation.scenarios import Scenario, ScenarioName
from igniteflow_core.simulation.settings import SimulationSettings

DAY = timedelta(days=1)
YEAR_STARTS = date(2025, 1, 1)
PAST_STARTS = date(2024, 10, 20)
"""Early enough for a first champion, and for features with a complete lookback."""

LABEL_DELAY = timedelta(days=7)


@dataclass(frozen=True)
class Happening:
    """A scenario that starts on day ``number`` of the year; ``days`` is None if it is permanent."""

    number: int
    name: ScenarioName
    days: int | None = None

    @property
    def start(self) -> date:
        return YEAR_STARTS + (self.number - 1) * DAY

    @property
    def scenario(self) -> Scenario:
        end = None if self.days is None else self.start + (self.days - 1) * DAY
        return Scenario(name=self.name, start=self.start, end=end)


HAPPENINGS = (
    Happening(30, "new_fraud_pattern"),
    Happening(100, "price_inflation"),
    Happening(170, "missing_amounts", days=10),
    Happening(220, "new_region"),
    Happening(300, "seasonal_change", days=45),
)


def year_of(days: int) -> list[date]:
    """Return the first days of the year."""
    return [YEAR_STARTS + number * DAY for number in range(days)]


def simulation(days: int, customers: int, seed: int) -> SimulationSettings:
    """Return the simulation from before the year to the last of these days."""
    return SimulationSettings(
        seed=seed,
        start_date=PAST_STARTS,
        days=(YEAR_STARTS - PAST_STARTS).days + days,
        customers=customers,
        terminals=2 * customers,
        users=5,
        items=5,
        ratings=10,
        scenarios=tuple(happening.scenario for happening in HAPPENINGS),
    )


def newest_happening(day: date) -> Happening | None:
    """Return the last happening that started on or before the day."""
    started = [happening for happening in HAPPENINGS if happening.start <= day]
    return started[-1] if started else None
