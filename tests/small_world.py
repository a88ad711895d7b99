"""A small simulated world over the days of the tests' partitions."""

from datetime import date

from igniteflow_core.simulation.settings import SimulationSettings

SMALL_WORLD = SimulationSettings(
    start_date=date(2025, 1, 1),
    days=24,
    customers=300,
    terminals=300,
    users=150,
    items=120,
    ratings=4_000,
    bad_row_share=0.01,
)
