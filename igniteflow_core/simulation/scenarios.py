"""Scenarios: changes of the simulated world from a given day on.

A scenario does not change the bytes of days before its start and after its end, and is determined
by the seed like everything else.
"""

from datetime import date
from typing import Literal

from pydantic import model_validator

from igniteflow_core.config.base import SettingsGroup

ScenarioName = Literal[
    "new_fraud_pattern",
    "price_inflation",
    "new_region",
    "seasonal_change",
    "amounts_in_cents",
    "missing_amounts",
]


class Scenario(SettingsGroup):
    """One scenario, its first day, and its last day unless it is open-ended.

    ``new_fraud_pattern``: cards are taken over; several payments a night of medium amounts, at a
    few terminals that sell resaleable goods (``fraud_patterns.takeovers``).
    ``price_inflation``: amounts rise by 2 % a day for 20 days, to about 150 %.
    ``new_region``: 50 % more customers, at new terminals outside the old grid, with double amounts
    and at other hours (``population.draw_population``).
    ``seasonal_change``: 50 % more payments, later in the day, and amounts that are 25 % higher.
    ``amounts_in_cents``: the source delivers amounts in cents.
    ``missing_amounts``: the source delivers null amounts for 40 % of the terminals.
    """

    name: ScenarioName
    start: date
    end: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Scenario":
        if self.end is not None and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        return self
