"""All features of simulated data, without the days of the initial lookback."""

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from igniteflow_core.features.compute import compute_fraud_features, history_days
from igniteflow_core.simulation.defects import break_amounts
from igniteflow_core.simulation.population import draw_population
from igniteflow_core.simulation.scenarios import Scenario
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

FIRST_DAY = date(2025, 1, 1)
LABEL_DELAY = timedelta(days=7)
WARM_DAY = FIRST_DAY + timedelta(days=history_days(LABEL_DELAY))
"""The first day whose features have a complete lookback."""

CUSTOMERS = 500
_POSITION = ("x", "y")


def simulated_features(
    seed: int, last_day: date, scenario: Scenario | None = None, customers: int = CUSTOMERS
) -> pd.DataFrame:
    """Return the features of simulated data from ``WARM_DAY`` on, with ids and event_date."""
    settings = SimulationSettings(
        seed=seed,
        start_date=FIRST_DAY,
        days=(last_day - FIRST_DAY).days + 1,
        customers=customers,
        terminals=2 * customers,
        scenarios=() if scenario is None else (scenario,),
    )
    population = draw_population(settings)
    events = pd.concat(
        [
            break_amounts(settings, simulate_day(settings, population, day), day)
            .dropna(subset="amount")
            .assign(event_date=day)
            for day in settings.dates
        ],
        ignore_index=True,
    )
    positions = {"customer": population.customer_frame, "terminal": population.terminal_frame}
    located = events
    for kind, frame in positions.items():
        named = frame.rename(columns={axis: f"{kind}_{axis}" for axis in _POSITION})
        located = located.merge(named, on=f"{kind}_id", how="left")
    features = compute_fraud_features(
        pa.Table.from_pandas(located, preserve_index=False),
        first_day=WARM_DAY,
        last_day=last_day,
        label_delay=LABEL_DELAY,
    ).to_pandas()
    known = events[["transaction_id", "customer_id", "terminal_id", "event_date", "is_fraud"]]
    return features.merge(known, on="transaction_id")
