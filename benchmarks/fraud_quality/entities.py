"""The ensemble with and without declared entities, and the cost of entities."""

import time
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.fraud_quality.data import event_table
from benchmarks.fraud_quality.shop import SHOP_ENTITIES, SHOP_OWN, shop_features, shop_orders
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.compute import compute_own_features
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.own_entities import OwnEntity
from igniteflow_core.features.own_online import observe_own
from igniteflow_core.features.state import Transaction
from igniteflow_core.features.state_history import own_states_of
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.prequential import prequential_windows
from igniteflow_core.fraud.training import rows_of, train_ensemble
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS

_ENTITIES = declared_entities(SHOP_ENTITIES, SHOP_OWN)
_ONLINE_EVENTS = 3_000


def print_entities(settings: FraudSettings) -> None:
    """Print the cost of entities, and the weekly average precision without and with them."""
    delay = timedelta(days=settings.label_delay_days)
    orders = event_table(shop_orders())
    costs = [_cost(entity, orders, delay) for entity in _ENTITIES]
    print(f"\n## Each further entity, over {orders.num_rows:,} orders\n")
    print(pd.DataFrame(costs).to_markdown(index=False, floatfmt=",.2f"), flush=True)

    frame = shop_features(settings.label_delay_days, _ENTITIES)
    declared = settings.model_copy(update={"entities": SHOP_ENTITIES})
    variants = {
        "neither": (settings, NO_OWN_COLUMNS),
        "own columns": (settings, SHOP_OWN),
        "entities": (declared, NO_OWN_COLUMNS),
        "both": (declared, SHOP_OWN),
    }
    weeks = []
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    for windows in prequential_windows(first_day, last_day, settings):
        test = rows_of(frame, windows.test)
        week: dict[str, object] = {"tests from": windows.test.first_day}
        for name, (chosen, own) in variants.items():
            scores = train_ensemble(frame, windows, chosen, own).predict_proba(test)
            week[name] = metrics.average_precision(scores, test["is_fraud"].to_numpy())
        weeks.append(week)
        print(week, flush=True)
    print("\n## Average precision by week\n")
    print(pd.DataFrame(weeks).to_markdown(index=False, floatfmt=".3f"))


def _cost(entity: OwnEntity, orders: pa.Table, delay: timedelta) -> dict[str, object]:
    everything = np.ones(orders.num_rows, dtype=np.bool_)
    start = time.process_time()
    compute_own_features(orders, entity, everything, label_delay=delay)
    batch = time.process_time() - start
    states = dict(own_states_of(entity, orders, label_delay=delay))
    sizes = np.array([len(state.to_bytes()) for state in states.values()])
    rows = orders.slice(orders.num_rows - _ONLINE_EVENTS).to_pylist()
    held = {entity.name: states}
    start = time.process_time()
    for row in rows:
        event = Transaction(
            row["transaction_id"],
            int(row["event_time"].timestamp() * 1_000_000),
            row["customer_id"],
            row["terminal_id"],
            row["amount"],
            own={name: row[name] for name in SHOP_OWN},
        )
        observe_own(event, held, (entity,), label_delay=delay)
    online = time.process_time() - start
    return {
        "entity": entity.name,
        "batch, processor s": batch,
        "one transaction online, µs": online / len(rows) * 1e6,
        "states": f"{len(states):,}",
        "bytes, mean": f"{sizes.mean():,.0f}",
        "bytes, largest": f"{sizes.max():,}",
        "MB of all": sizes.sum() / 1e6,
    }
