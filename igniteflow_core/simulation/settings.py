"""Settings of the simulated sample: its size, its days and its share of bad rows."""

from datetime import date, timedelta

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.simulation.scenarios import Scenario, ScenarioName


class SimulationSettings(SettingsGroup):
    """What is simulated; the defaults fit a laptop.

    Each customer pays about twice a day, so a day has about ``2 * customers`` transactions.
    ``ratings`` is the target number; the actual number differs by a few per cent, and by more if
    it is large for the catalogue, as no user rates more than half of it. ``bad_row_share`` is the
    number of planted bad rows per good transaction, in addition to the good ones. The
    ``scenarios`` change the world on their days; several may overlap.
    """

    seed: int = Field(default=7, ge=0)
    start_date: date = date(2025, 1, 1)
    days: int = Field(default=75, ge=1)
    customers: int = Field(default=1_000, ge=1)
    terminals: int = Field(default=2_000, ge=1)
    users: int = Field(default=2_000, ge=1)
    items: int = Field(default=1_000, ge=1)
    ratings: int = Field(default=100_000, ge=1)
    bad_row_share: float = Field(default=0.001, ge=0, lt=0.5)
    scenarios: tuple[Scenario, ...] = ()

    @property
    def dates(self) -> list[date]:
        """The simulated days in order."""
        return [self.start_date + timedelta(days=offset) for offset in range(self.days)]

    def days_into(self, scenario: ScenarioName, day: date) -> int:
        """The number of days of that scenario up to ``day``; 0 before it, after it and without it.

        Of several scenarios of one name, the earliest counts.
        """
        begun = (
            (day - each.start).days + 1
            for each in self.scenarios
            if each.name == scenario and each.start <= day and (each.end is None or day <= each.end)
        )
        return max(begun, default=0)
