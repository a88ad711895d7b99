from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.compute import compute_fraud_features
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.online import observe
from igniteflow_core.features.state import Transaction, state_from_bytes
from igniteflow_core.online.embedded import EmbeddedOnlineStore
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.materialize import entity_states, user_states, write_states
from igniteflow_core.online.store import EntityKey

DELAY = timedelta(days=2)
START = datetime(2025, 1, 1, tzinfo=UTC)
CUSTOMERS = pa.table(
    {"customer_id": ["C0", "C1", "C2", "quiet"], "x": [1.0, 2.0, None, 9.0], "y": [0.0, 1, None, 9]}
)
TERMINALS = pa.table({"terminal_id": ["T0", "T1"], "x": [5.0, 6.0], "y": [7.0, 8.0]})


def events(count: int) -> pa.Table:
    random = np.random.default_rng(4)
    customers = random.integers(0, 3, count)
    terminals = random.integers(0, 2, count)
    times = np.sort(random.integers(0, 12 * 86_400, count))

    def position(table, at, axis):
        return table[axis].take(pa.array(at))

    return pa.table(
        {
            "transaction_id": [f"X{n:04d}" for n in range(count)],
            "event_time": pa.array(
                [START + timedelta(seconds=int(t)) for t in times], pa.timestamp("us", "UTC")
            ),
            "customer_id": [f"C{n}" for n in customers],
            "terminal_id": [f"T{n}" for n in terminals],
            "amount": np.round(random.lognormal(3, 1, count), 2),
            "is_fraud": pa.array(random.integers(0, 2, count), pa.int32()),
            "customer_x": position(CUSTOMERS, customers, "x"),
            "customer_y": position(CUSTOMERS, customers, "y"),
            "terminal_x": position(TERMINALS, terminals, "x"),
            "terminal_y": position(TERMINALS, terminals, "y"),
        }
    )


@pytest.fixture
def store(tmp_path):
    opened = EmbeddedOnlineStore(tmp_path / "online.db", 86_400)
    yield opened
    opened.close()


def test_features_from_the_store_are_those_of_the_batch(store):
    table = events(300)
    past, new = table.slice(0, 299), table.slice(299).to_pylist()[0]
    states = entity_states(past, CUSTOMERS, TERMINALS, label_delay=DELAY)
    assert write_states(store, states) == 6

    keys = [EntityKey("customer", new["customer_id"]), EntityKey("terminal", new["terminal_id"])]
    card, shop = (state_from_bytes(each.payload) for each in store.read(keys).states)
    event = Transaction(
        new["transaction_id"],
        int(new["event_time"].timestamp() * 1_000_000),
        new["customer_id"],
        new["terminal_id"],
        new["amount"],
    )
    found = observe(event, card, shop, label_delay=DELAY).features

    batch = compute_fraud_features(
        table, first_day=date(2025, 1, 1), last_day=date(2025, 1, 12), label_delay=DELAY
    ).to_pylist()[-1]
    assert batch["transaction_id"] == new["transaction_id"]
    assert found.tolist() == [batch[name] for name in FEATURE_NAMES]


def test_who_had_no_event_has_a_state_with_their_position(store):
    states = entity_states(events(50), CUSTOMERS, TERMINALS, label_delay=DELAY)
    write_states(store, states)

    quiet = state_from_bytes(store.read([EntityKey("customer", "quiet")]).states[0].payload)
    assert (len(quiet.rows), *quiet.position[:2]) == (0, 9.0, 9.0)


def test_writing_again_does_not_put_back_what_the_stream_has_written_since(store):
    table = events(100)
    write_states(store, entity_states(table, CUSTOMERS, TERMINALS, label_delay=DELAY))
    newer = store.read([EntityKey("terminal", "T0")]).states[0]

    early = entity_states(table.slice(0, 40), CUSTOMERS, TERMINALS, label_delay=DELAY)
    write_states(store, early)

    assert store.read([EntityKey("terminal", "T0")]).states == [newer]


def test_a_users_history_and_list_come_back(store):
    row = {
        "user_id": "U1", "segment": None, "liked": ["a"], "weights": [2.0], "seen": ["a", "b"],
        "recommended": ["d", "c"], "scores": [0.5, 0.25], "model_version": "3", "counted": ["f"],
    }  # fmt: skip
    write_states(store, user_states([row], as_of=5))

    state = store.read([EntityKey("user", "U1")]).states[0]
    assert UserHistory.from_bytes(state.payload) == UserHistory(
        {"a": 2.0}, ("a", "b"), None, {"d": 0.5, "c": 0.25}, "3", ("f",)
    )
    with pytest.raises(PermanentError, match="history"):
        UserHistory.from_bytes(b"{}")


def test_the_precomputed_list_is_best_first_without_what_is_known_by_now():
    history = UserHistory(
        {"a": 1.0}, ("b",), None, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.5}, "3"
    )
    assert history.precomputed(2) == [("c", 0.7), ("d", 0.6)]
    assert history.precomputed(5, exclude={"c"}) == [("d", 0.6), ("e", 0.5)]


def test_a_history_without_a_list_is_read_and_has_none():
    history = UserHistory.from_bytes(b'{"liked": {"a": 1.0}, "seen": ["a"], "segment": "s"}')
    assert history == UserHistory({"a": 1.0}, ("a",), "s")
    assert history.precomputed(3) == []
