"""A labelled table of every feature over some weeks, in which a few features tell fraud."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.special import expit

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.schemas.own_columns import OwnColumn

FIRST_DAY = date(2025, 1, 1)


OWN = {"device": OwnColumn(type="categorical")}


def with_devices(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with OWN: what happens on four devices is fraud, and no other column shows it."""
    random = np.random.default_rng(5)
    rows = len(frame)
    ring = random.random(rows) < 0.02
    device = np.where(ring, random.integers(0, 4, rows), random.integers(4, 800, rows))
    devices = pd.Series([f"d{each}" for each in device]).mask(random.random(rows) < 0.1)
    is_fraud = np.where(ring, 1, frame["is_fraud"])
    return frame.assign(is_fraud=is_fraud, device=devices.to_numpy())


def training_frame(days: int, rows_per_day: int = 250, seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = days * rows_per_day
    values = random.normal(size=(rows, len(FEATURE_NAMES)))
    frame = pd.DataFrame(values, columns=list(FEATURE_NAMES))
    frame["amount"] = random.lognormal(3.5, 0.8, rows)
    frame["terminal_risk_7d"] = random.beta(1, 20, rows)
    for flag in ("is_night", "is_weekend", "customer_new_terminal"):
        frame[flag] = (random.random(rows) < 0.3).astype(float)
    log_odds = -5.5 + 15 * frame["terminal_risk_7d"] + 2.5 * frame["customer_amount_zscore_30d"]
    frame["is_fraud"] = (random.random(rows) < expit(log_odds)).astype(int)
    frame["event_date"] = [
        FIRST_DAY + timedelta(days=int(day)) for day in np.repeat(np.arange(days), rows_per_day)
    ]
    frame["event_time"] = pd.to_datetime(frame["event_date"])
    frame["transaction_id"] = [f"x{number:06}" for number in range(rows)]
    frame["customer_id"] = random.integers(0, rows // 10, rows).astype(str)
    frame["terminal_id"] = random.integers(0, rows // 10, rows).astype(str)
    return frame
