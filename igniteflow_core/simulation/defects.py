"""Defects in the delivered transactions, which data-quality checks have to detect."""

from datetime import date

import numpy as np
import pandas as pd

from igniteflow_core.simulation.ids import terminal_ids, transaction_ids
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

DEFECTS = (
    "negative_amount",
    "missing_customer",
    "missing_time",
    "duplicate_id",
    "time_of_another_day",
)
LARGEST_SHIFT_DAYS = 3
MISSING_TERMINAL_SHARE = 0.4


def plant_defects(
    settings: SimulationSettings, transactions: pd.DataFrame, day: date
) -> pd.DataFrame:
    """The ``transactions`` of ``day`` and, among them, ``bad_row_share`` as many bad rows.

    Each bad row copies a good one with one defect: a negative amount, no customer, no time, a
    time one to three days off, or the same id as the original. All other defects have an id of
    their own. The number is the share times the good rows, rounded up or down at random so that
    the share holds on average, and the kinds alternate. Same columns as ``transactions``.
    """
    rng = generator(settings.seed, "defects", day)
    count = int(settings.bad_row_share * len(transactions) + rng.random())
    picked = np.sort(rng.choice(len(transactions), size=count, replace=False))
    kind = np.array(DEFECTS)[(rng.integers(len(DEFECTS)) + np.arange(count)) % len(DEFECTS)]
    shift = rng.integers(1, LARGEST_SHIFT_DAYS + 1, count) * rng.choice([-1, 1], count)

    good = transactions.reset_index(drop=True)
    bad = good.iloc[picked].copy()
    own_id = transaction_ids(day, first=len(good), count=count)
    bad["transaction_id"] = np.where(kind == "duplicate_id", bad["transaction_id"], own_id)
    bad["amount"] = np.where(kind == "negative_amount", -bad["amount"], bad["amount"])
    bad["customer_id"] = bad["customer_id"].mask(kind == "missing_customer", None)
    shifted = bad["event_time"] + pd.to_timedelta(shift, unit="D")
    bad["event_time"] = bad["event_time"].where(kind != "time_of_another_day", shifted)
    bad["event_time"] = bad["event_time"].mask(kind == "missing_time", pd.NaT)
    # A bad row keeps the index of the row it copies, so it is sorted right after it.
    return pd.concat([good, bad]).sort_index(kind="stable").reset_index(drop=True)


def break_amounts(settings: SimulationSettings, delivered: pd.DataFrame, day: date) -> pd.DataFrame:
    """The rows as delivered by a source whose column ``amount`` the scenario breaks.

    Amounts are in cents, or missing for the first 40 % of the terminals. Same columns as
    ``delivered``.
    """
    if settings.days_into("amounts_in_cents", day):
        return delivered.assign(amount=(delivered["amount"] * 100).round())
    if settings.days_into("missing_amounts", day):
        (last,) = terminal_ids(np.array([int(MISSING_TERMINAL_SHARE * settings.terminals)]))
        return delivered.assign(amount=delivered["amount"].mask(delivered["terminal_id"] < last))
    return delivered
