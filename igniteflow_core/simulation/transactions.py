"""The transactions of one day, drawn independently of the days before it.

In the spirit of the simulator of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot and
Bontempi, 2022, chapter 3): customers pay at terminals near home, each at an own rate, with own
amounts and at an own time of day.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from igniteflow_core.simulation.fraud_patterns import abuse_payments, card_testing, takeovers
from igniteflow_core.simulation.ids import customer_ids, terminal_ids, transaction_ids
from igniteflow_core.simulation.population import (
    SECONDS_PER_HOUR,
    Population,
    region_settings,
)
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

PEAK_WIDTH_SECONDS = 3 * SECONDS_PER_HOUR
AMOUNT_SHAPE = 4.0

INFLATION_A_DAY = 1.02
INFLATION_DAYS = 20

SEASON_AMOUNT_FACTOR = 1.25
SEASON_EXTRA_PAYMENTS = 0.5
SEASON_HOURS_LATER = 3.0


def simulate_day(settings: SimulationSettings, population: Population, day: date) -> pd.DataFrame:
    """The good transactions of ``day`` in order of time, frauds among them.

    Columns: transaction_id, event_time (UTC), customer_id, terminal_id, amount (currency units, two
    decimals, above 0) and is_fraud (0 or 1). They depend on the seed, the sizes, the scenario and
    ``day`` alone, not on the first day or the number of days.
    """
    parts = [_payments(settings, population, day)]
    if population.region is not None and settings.days_into("new_region", day):
        parts.append(_payments(region_settings(settings), population.region, day))
    payments = pd.concat(parts, ignore_index=True).sort_values("second", kind="stable")
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


def _payments(settings: SimulationSettings, population: Population, day: date) -> pd.DataFrame:
    genuine = _season(settings, population, _genuine_payments(settings, population, day), day)
    inflated_days = min(settings.days_into("price_inflation", day), INFLATION_DAYS)
    genuine["amount"] *= INFLATION_A_DAY**inflated_days
    payments = pd.concat(
        [
            abuse_payments(settings, genuine, day),
            card_testing(settings, population, day),
            takeovers(settings, day),
        ],
        ignore_index=True,
    )
    return payments.assign(
        customer=payments["customer"] + population.first_customer,
        terminal=payments["terminal"] + population.first_terminal,
    )


def _season(
    settings: SimulationSettings, population: Population, genuine: pd.DataFrame, day: date
) -> pd.DataFrame:
    if not settings.days_into("seasonal_change", day):
        return genuine
    shoppers = replace(
        population,
        daily_rate=population.daily_rate * SEASON_EXTRA_PAYMENTS,
        peak_second=population.peak_second + SEASON_HOURS_LATER * SECONDS_PER_HOUR,
    )
    extra = _genuine_payments(settings, shoppers, day, purpose="season")
    payments = pd.concat([genuine, extra], ignore_index=True)
    return payments.assign(amount=payments["amount"] * SEASON_AMOUNT_FACTOR)


def _genuine_payments(
    settings: SimulationSettings, population: Population, day: date, *, purpose: str = "payments"
) -> pd.DataFrame:
    rng = generator(settings.seed, purpose, day)
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
