"""The cost of each further declared entity: batch, one transaction, and bytes of state."""

import time
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.fraud_quality.data import event_table
from benchmarks.fraud_quality.shop import SHOP_ENTITIES, SHOP_OWN, shop_orders
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.compute import compute_own_features
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.own_entities import OwnEntity
from igniteflow_core.features.own_online import observe_own
from igniteflow_core.features.state import Transaction
from igniteflow_core.features.state_history import own_states_of

_ONLINE_EVENTS = 3_000


def print_entity_costs(settings: FraudSettings) -> None:
    """Print a row for each entity of the shop."""
    delay = timedelta(days=settings.label_delay_days)
    orders = event_table(shop_orders())
    entities = declared_entities(SHOP_ENTITIES, SHOP_OWN)
    costs = [_cost(entity, orders, delay) for entity in entities]
    print(f"\n## Each further entity, over {orders.num_rows:,} orders\n")
    print(pd.DataFrame(costs).to_markdown(index=False, floatfmt=",.2f"), flush=True)


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
