"""The source's deliveries: each night one day without labels, and labels of an earlier day."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from benchmarks.loop.plan import LABEL_DELAY
from igniteflow_core.schemas.transactions import (
    CUSTOMERS,
    TERMINALS,
    TRANSACTION_SOURCE_COLUMNS,
    TRANSACTIONS,
)
from igniteflow_core.simulation.defects import break_amounts, plant_defects
from igniteflow_core.simulation.parquet import write_source
from igniteflow_core.simulation.population import Population, draw_population
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day


@dataclass(frozen=True)
class Source:
    """The source folder of a simulation."""

    root: Path
    settings: SimulationSettings
    population: Population

    @classmethod
    def of(cls, root: Path, settings: SimulationSettings) -> "Source":
        """Deliver customers and terminals, but no transactions."""
        population = draw_population(settings)
        for contract, frame in (
            (CUSTOMERS, population.customer_frame),
            (TERMINALS, population.terminal_frame),
        ):
            path = root / f"{contract.name}.parquet"
            columns = [name for name in contract.column_names if name in frame]
            write_source(frame, contract, columns, path)
        return cls(root, settings, population)

    def deliver(self, day: date) -> None:
        """Deliver the transactions of the day, and the labels whose delay is over."""
        self._write(day, labelled=False)
        if day - LABEL_DELAY >= self.settings.start_date:
            self._write(day - LABEL_DELAY, labelled=True)

    def _write(self, day: date, *, labelled: bool) -> None:
        paid = simulate_day(self.settings, self.population, day)
        rows = break_amounts(self.settings, plant_defects(self.settings, paid, day), day)
        if not labelled:
            rows = rows.assign(is_fraud=pd.array([None] * len(rows), dtype="Int32"))
        path = self.root / TRANSACTIONS.name / f"{day:%Y-%m-%d}.parquet"
        write_source(rows, TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS, path)
