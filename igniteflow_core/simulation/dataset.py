"""The whole simulated delivery, written as source files that are ingested like any others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from igniteflow_core.schemas.experiments import EXPOSURES, OUTCOMES
from igniteflow_core.schemas.interactions import ITEMS, RATINGS, USERS
from igniteflow_core.schemas.transactions import (
    CUSTOMERS,
    TERMINALS,
    TRANSACTION_SOURCE_COLUMNS,
    TRANSACTIONS,
)
from igniteflow_core.simulation.catalogue import draw_catalogue
from igniteflow_core.simulation.defects import break_amounts, plant_defects
from igniteflow_core.simulation.experiment import draw_experiment
from igniteflow_core.simulation.parquet import write_source
from igniteflow_core.simulation.population import Population, draw_population
from igniteflow_core.simulation.ratings import draw_audience, draw_ratings
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

Progress = Callable[[str, int, int], None]
"""Called with the table, the number of its files written so far, and their total number."""


@dataclass(frozen=True)
class SimulatedDataset:
    """Rows written to each table.

    ``transactions`` counts the good rows, ``frauds`` those of them that are fraud, and
    ``bad_rows`` the planted bad rows in the files.
    """

    transactions: int
    frauds: int
    bad_rows: int
    customers: int
    terminals: int
    ratings: int
    users: int
    items: int


def write_dataset(
    root: Path, settings: SimulationSettings, progress: Progress | None = None
) -> SimulatedDataset:
    """Write all source files under ``root``, one day of transactions in memory at a time.

    Files: ``transactions/{YYYY-MM-DD}.parquet``, ``customers.parquet``, ``terminals.parquet``,
    ``ratings.parquet``, ``users.parquet`` and ``items.parquet``. Each is written atomically, and
    the same settings write the same bytes again. Files of other days are not changed. Raises
    OSError if ``root`` cannot be written.
    """
    report = progress or (lambda table, done, total: None)
    population = draw_population(settings)
    catalogue = draw_catalogue(settings)
    audience = draw_audience(settings)
    ratings = draw_ratings(settings, catalogue, audience)
    exposures, outcomes = draw_experiment(settings, audience.frame["user_id"].tolist())
    for contract, frame in (
        (CUSTOMERS, population.customer_frame),
        (TERMINALS, population.terminal_frame),
        (USERS, audience.frame),
        (ITEMS, catalogue.frame),
        (RATINGS, ratings),
        (EXPOSURES, exposures),
        (OUTCOMES, outcomes),
    ):
        path = root / f"{contract.name}.parquet"
        columns = [name for name in contract.column_names if name in frame]
        write_source(frame, contract, columns, path)
        report(contract.name, 1, 1)
    good, frauds, bad = _write_transactions(root, settings, population, report)
    return SimulatedDataset(
        transactions=good,
        frauds=frauds,
        bad_rows=bad,
        customers=len(population.customer_frame),
        terminals=len(population.terminal_frame),
        ratings=len(ratings),
        users=settings.users,
        items=settings.items,
    )


def _write_transactions(
    root: Path, settings: SimulationSettings, population: Population, report: Progress
) -> tuple[int, int, int]:
    """Write every day; returns the numbers of good rows, of frauds among them, and of bad rows.

    A good row whose amount the scenario removes counts as bad.
    """
    good = frauds = bad = 0
    for done, day in enumerate(settings.dates, start=1):
        transactions = simulate_day(settings, population, day)
        delivered = break_amounts(settings, plant_defects(settings, transactions, day), day)
        transactions = break_amounts(settings, transactions, day).dropna(subset="amount")
        path = root / TRANSACTIONS.name / f"{day:%Y-%m-%d}.parquet"
        write_source(delivered, TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS, path)
        good += len(transactions)
        frauds += int(transactions["is_fraud"].sum())
        bad += len(delivered) - len(transactions)
        report(TRANSACTIONS.name, done, settings.days)
    return good, frauds, bad
