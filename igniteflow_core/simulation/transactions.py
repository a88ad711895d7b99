"""The card transactions of one day, drawn without the days before it.

In the spirit of the simulator of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot and
Bontempi, 2022, chapter 3): customers pay at terminals near home, each at an own rate, with own
amounts and at an own time of day.
"""

from datetime import date

import numpy as np
import pandas as pd

from igniteflow_core.simulation.fraud_patterns import abuse_payments, card_testing
from igniteflow_core.simulation.ids import customer_ids, terminal_ids, transaction_ids
from igniteflow_core.simulation.population import SECONDS_PER_HOUR, Population
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

PEAK_WIDTH_SECONDS = 3 * SECONDS_PER_HOUR
AMOUNT_SHAPE = 4.0


def simulate_day(settings: SimulationSettings, population: Population, day: date) -> pd.DataFrame:
    """The good transactions of ``day`` in order of time, frauds among them.

    Columns: transaction_id, event_time (UTC), customer_id, terminal_id, amount (currency units, two
    decimals, above 0) and is_fraud (0 or 1). They depend on the seed, the sizes and ``day`` alone,
    not on the first day or the number of days.
    """
    genuine = _genuine_payments(settings, population, day)
    payments = pd.concat(
        [abuse_payments(settings, genuine, day), card_testing(settings, population, day)],
        ignore_index=True,
    ).sort_values("second", kind="stable")
    milliseconds = (payments["second"].to_numpy() * 1000).astype("timedelta64[ms]")
    event_time = pd.DatetimeIndex(np.datetime64(day, "us") + milliseconds)
    return pd.DataFrame(
        {
            "transaction_id": transaction_ids(day, first=0, count=len(payments)),
            "event_time": event_time.tz_localize("UTC"),
            "customer_id": customer_ids(payments["customer"].to_numpy()),
            "terminal_id": terminal_ids(payments["terminal"].to_numpy()),
            "amount": payments["amount"].round(2).clip(lower=0.01).to_numpy(),
            "is_fraud": payments["is_fraud"].to_numpy(),
        }
    )


def _genuine_payments(
    settings: SimulationSettings, population: Population, day: date
) -> pd.DataFrame:
    rng = generator(settings.seed, "payments", day)
    customer = np.repeat(np.arange(settings.customers), rng.poisson(population.daily_rate))
    start = population.near_start[customer]
    choices = population.near_start[customer + 1] - start
    pick = start + (rng.random(len(customer)) * choices).astype(np.int64)
    second = rng.normal(population.peak_second[customer], PEAK_WIDTH_SECONDS)
    mean = population.mean_amount[customer]
    return pd.DataFrame(
        {
            "customer": customer,
            "terminal": population.near[pick].astype(np.int64),
            "second": second % (24 * SECONDS_PER_HOUR),
            "amount": rng.gamma(AMOUNT_SHAPE, mean / AMOUNT_SHAPE),
            "is_fraud": np.zeros(len(customer), dtype=np.int32),
        }
    )
