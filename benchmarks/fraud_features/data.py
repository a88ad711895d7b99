"""Simulated transactions of any size, as one Parquet file per day."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from igniteflow_core.simulation.population import draw_population
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

FIRST_DAY = date(2025, 1, 1)
DAYS = 183
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
CUSTOMERS = 5_000
"""With 183 days about 1.8 million transactions, the size of the Fraud Detection Handbook's data."""


def source_of(root: Path, scale: int) -> Path:
    """Return the folder to which ``write_transactions`` writes."""
    return root / f"{scale}x"


def write_transactions(root: Path, scale: int) -> None:
    """Write ``scale`` times the handbook's number of cards, terminals and transactions.

    The handbook's number is simulated; larger scales are copies with distinct ids, so that the
    histories of cards and terminals have the same length at each scale.
    """
    once = source_of(root, 1)
    if not once.exists():
        _simulate(once)
    if scale > 1:
        for file in sorted(once.rglob("*.parquet")):
            copied = source_of(root, scale) / file.relative_to(once)
            copied.parent.mkdir(parents=True, exist_ok=True)
            rows = pq.read_table(file)
            pq.write_table(pa.concat_tables(_renamed(rows, n) for n in range(scale)), copied)


def _simulate(folder: Path) -> None:
    settings = SimulationSettings(
        start_date=FIRST_DAY, days=DAYS, customers=CUSTOMERS, terminals=2 * CUSTOMERS
    )
    transactions = folder / "transactions"
    transactions.mkdir(parents=True)
    population = draw_population(settings)
    population.customer_frame.to_parquet(folder / "customers.parquet")
    population.terminal_frame.to_parquet(folder / "terminals.parquet")
    for day in settings.dates:
        frame = simulate_day(settings, population, day)
        frame.assign(event_date=day).to_parquet(transactions / f"{day}.parquet")


def _renamed(rows: pa.Table, number: int) -> pa.Table:
    """Prefix all ids with ``number``."""
    for position, name in enumerate(rows.column_names):
        if name.endswith("_id"):
            ids = pc.binary_join_element_wise(str(number), rows[name], "-")
            rows = rows.set_column(position, name, ids)
    return rows
