"""Simulated orders of an online shop; some fraud shows only in the device or e-mail domain."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.fraud_quality.data import with_features
from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.features.windows import Ints
from igniteflow_core.schemas.own_columns import OwnColumn, OwnColumns

SHOP_OWN: Final[OwnColumns] = {
    "device": OwnColumn(type="categorical"),
    "email_domain": OwnColumn(type="categorical"),
    "channel": OwnColumn(type="categorical"),
    "basket_items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean"),
}

_DAYS = 90
_CUSTOMERS = 4_000
_SHOPS = 150
_ORDERS_A_DAY = 1_500
_RING_DEVICES = 40
_FIRST_RING_DEVICE = 10_000_000
_START = datetime(2025, 1, 1, tzinfo=UTC)


SHOP_ENTITIES: Final = (
    EntitySettings(name="device", columns=("device",), distinct="customer_id"),
    EntitySettings(name="domain", columns=("email_domain",), distinct="customer_id"),
    EntitySettings(name="card_device", columns=("customer_id", "device")),
)


def shop_features(label_delay_days: int, entities: OwnEntities = ()) -> pd.DataFrame:
    """Return one row of FRAUD_TRAINING_SET per order, with SHOP_OWN and features of entities."""
    orders = shop_orders()
    table = with_features(orders, label_delay_days, entities)
    return table.merge(orders[["transaction_id", *SHOP_OWN]], on="transaction_id")


def shop_orders(seed: int = 12) -> pd.DataFrame:
    """Return one row per order, with SHOP_OWN and unknown positions.

    Half of the fraud differs from other orders only in its device, one of a few that a ring uses
    for two to six weeks, or in its e-mail domain, one of a few disposable ones; the other half has
    larger amounts and occurs at night. A tenth of the orders has no device.
    """
    random = np.random.default_rng(seed)
    rows = _DAYS * _ORDERS_A_DAY
    day = np.sort(random.integers(0, _DAYS, rows))
    customer = random.integers(0, _CUSTOMERS, rows)
    kind = random.choice(4, rows, p=[0.984, 0.004, 0.004, 0.008])
    by_device, by_domain, by_amount = kind == 1, kind == 2, kind == 3
    hour = np.clip(random.normal(14, 5, rows), 0, 23.99)
    hour[by_amount] = random.uniform(0, 7, by_amount.sum())
    amount = random.lognormal(3.6, 0.7, rows) * np.where(by_amount, 3.0, 1.0)
    device = customer * 2 + random.integers(0, 2, rows)
    ring = _devices_of_rings(day, random)
    domain = random.zipf(1.6, rows) % 300
    thrown = 1_000 + random.integers(0, 12, rows)
    # Disposable domains also have legitimate users.
    uses_thrown = by_domain | (random.random(rows) < 0.006)
    events = pd.DataFrame(
        {
            "transaction_id": np.arange(rows).astype(str),
            "event_time": [
                _START + timedelta(days=int(d), seconds=int(h * 3_600))
                for d, h in zip(day, hour, strict=True)
            ],
            "customer_id": customer.astype(str),
            "terminal_id": random.integers(0, _SHOPS, rows).astype(str),
            "amount": amount.round(2),
            "is_fraud": (kind > 0).astype("int32"),
        }
    )
    own = pd.DataFrame(
        {
            "transaction_id": events["transaction_id"],
            "device": np.where(by_device, ring, device).astype(str),
            "email_domain": np.where(uses_thrown, thrown, domain).astype(str),
            "channel": random.choice(["web", "app", "phone"], rows, p=[0.6, 0.35, 0.05]),
            "basket_items": random.poisson(3, rows) + 1.0,
            "is_guest": random.random(rows) < 0.3,
        }
    )
    own.loc[random.random(rows) < 0.1, "device"] = None
    unknown = {f"{each}_{axis}": float("nan") for each in ("customer", "terminal") for axis in "xy"}
    return events.assign(**unknown).merge(own, on="transaction_id")


def _devices_of_rings(day: Ints, random: np.random.Generator) -> Ints:
    """Draw a device for each row from the devices that rings use on its day."""
    first = random.integers(-_DAYS, _DAYS, _RING_DEVICES)
    last = first + random.integers(14, 43, _RING_DEVICES)
    chosen = np.empty(len(day), dtype=np.int64)
    for each in np.unique(day):
        at = day == each
        chosen[at] = random.choice(np.flatnonzero((first <= each) & (each <= last)), at.sum())
    return _FIRST_RING_DEVICE + chosen
