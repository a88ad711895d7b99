"""Simulated transactions of any size as Parquet, a day a file, on disk."""

from datetime import date, timedelta
from pathlib import Path

from igniteflow_core.simulation.population import draw_population
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

FIRST_DAY = date(2025, 1, 1)
DAYS = 183
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
CUSTOMERS = 5_000
"""With 183 days about 1.8 million transactions, the size of the Fraud Detection Handbook's data."""


def write_transactions(root: Path, scale: int) -> Path:
    """Write ``scale`` times the handbook's number of cards, terminals and transactions."""
    settings = SimulationSettings(
        start_date=FIRST_DAY,
        days=DAYS,
        customers=CUSTOMERS * scale,
        terminals=2 * CUSTOMERS * scale,
    )
    folder = root / f"{scale}x"
    transactions = folder / "transactions"
    transactions.mkdir(parents=True)
    population = draw_population(settings)
    population.customer_frame.to_parquet(folder / "customers.parquet")
    population.terminal_frame.to_parquet(folder / "terminals.parquet")
    for day in settings.dates:
        frame = simulate_day(settings, population, day)
        frame.assign(event_date=day).to_parquet(transactions / f"{day}.parquet")
    return folder
