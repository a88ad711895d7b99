"""Entities that a team declares: batch, stream, store and labels give the same to the last bit."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igniteflow_core.features.compute import compute_fraud_features
from igniteflow_core.features.own_entities import KeyColumn, OwnEntity, ids_of
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.own_online import observe_own, observe_own_batch
from igniteflow_core.features.state import Transaction, state_from_bytes
from igniteflow_core.features.state_history import own_states_of

from .reference import DAY, SECOND, Event
from .streams import FIRST_DAY, LAST_DAY, NOON, event_streams, event_table
from .test_feature_rules import SLOW_REFERENCE
from .test_online_features import ordered

OWN = {
    "device": (None, "d1", "d1", "d2"),
    "ip": (None, "203.0.113.7", "203.0.113.9", "::ffff:203.0.113.1", "2001:db8::1"),
    "email": (None, "a@shop.example", "b@Shop.Example", "c@other.example"),
}
_COLUMNS = (
    KeyColumn("customer_id"),
    KeyColumn("terminal_id"),
    KeyColumn("device", "categorical"),
    KeyColumn("ip", "ip"),
    KeyColumn("email", "email"),
)


@st.composite
def declarations(draw: st.DrawFn) -> tuple[OwnEntity, ...]:
    """One to three entities of one or two columns, some of which look at few events."""
    drawn = []
    for number in range(draw(st.integers(1, 3))):
        columns = draw(st.permutations(_COLUMNS))
        first, rest = columns[: draw(st.integers(1, 2))], columns[2:]
        distinct = draw(st.sampled_from((None, rest[0])))
        most = draw(st.sampled_from((1, 3, 500)))
        drawn.append(OwnEntity(f"e{number}", tuple(first), distinct, most))
    return tuple(drawn)


def values_of(event: Event) -> dict[str, str | None]:
    """The event's own columns, drawn by its id."""
    number = int(event.id.strip("x"))
    random = np.random.default_rng(number)
    return {name: choices[random.integers(len(choices))] for name, choices in OWN.items()}


def transaction(event: Event, is_fraud: int | None) -> Transaction:
    return Transaction(
        event.id,
        event.time,
        event.customer,
        event.terminal,
        event.cents / 100,
        is_fraud,
        values_of(event),
    )


def table(events: list[Event]) -> pa.Table:
    built = event_table(events)
    for name in OWN:
        column = pa.array([values_of(event)[name] for event in events], pa.string())
        built = built.append_column(name, column)
    return built


def batch(events, entities, delay_days=7) -> dict[str, list[float]]:
    rows = compute_fraud_features(
        table(events),
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        label_delay=timedelta(days=delay_days),
        entities=entities,
    ).to_pylist()
    names = [feature.name for feature in features_of(entities)]
    return {row["transaction_id"]: [row[name] for name in names] for row in rows}


class Stream:
    """Events over states that are written to bytes and read back at each step."""

    def __init__(self, entities, delay_days=7):
        self.entities = entities
        self.delay = timedelta(days=delay_days)
        self.bytes = {}

    def states(self):
        read = {entity.name: {} for entity in self.entities}
        for (entity, name), data in self.bytes.items():
            read[entity][name] = state_from_bytes(data)
        return read

    def _keep(self, states):
        for entity, by_name in states.items():
            self.bytes |= {(entity, name): state.to_bytes() for name, state in by_name.items()}

    def observe(self, event, is_fraud=None):
        seen = observe_own(
            transaction(event, is_fraud), self.states(), self.entities, label_delay=self.delay
        )
        self._keep(seen.states)
        return seen.features.tolist()

    def observe_batch(self, events):
        seen = observe_own_batch(
            [transaction(event, event.is_fraud) for event in events],
            self.states(),
            self.entities,
            label_delay=self.delay,
        )
        self._keep(seen.states)
        return dict(zip((event.id for event in events), seen.features.tolist(), strict=True))

    def label(self, event):
        states = self.states()
        for entity, name in ids_of(transaction(event, None).values, self.entities).items():
            labelled = states[entity][name].with_label(event.time, event.id, event.is_fraud)
            if labelled is not None:
                self._keep({entity: {name: labelled}})


@SLOW_REFERENCE
@given(events=event_streams(), entities=declarations(), delay_days=st.sampled_from((0, 1, 7)))
def test_online_equals_the_batch_whatever_is_declared(events, entities, delay_days):
    stream = Stream(entities, delay_days)
    online = {event.id: stream.observe(event, event.is_fraud) for event in ordered(events)}
    expected = batch(events, entities, delay_days)
    assert {key: online[key] for key in expected} == expected
    from_table = {
        (entity.name, name): state.to_bytes()
        for entity in entities
        for name, state in own_states_of(entity, table(events), label_delay=stream.delay)
    }
    assert from_table == stream.bytes


@SLOW_REFERENCE
@given(events=event_streams(), entities=declarations(), data=st.data())
def test_a_micro_batch_equals_its_events_one_by_one(events, entities, data):
    arriving = ordered(events)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) | {len(events)})
    batches, single = Stream(entities), Stream(entities)
    for first, end in zip([0, *cuts], cuts, strict=False):
        one_by_one = {e.id: single.observe(e, e.is_fraud) for e in arriving[first:end]}
        shuffled = data.draw(st.permutations(arriving[first:end]))
        assert batches.observe_batch(shuffled) == one_by_one
        assert batches.bytes == single.bytes


@SLOW_REFERENCE
@given(events=event_streams(), entities=declarations())
def test_a_label_that_comes_when_it_is_due_equals_one_known_from_the_start(events, entities):
    stream, waiting, online = Stream(entities), [], {}
    for event in ordered(events):
        for due in [w for w in waiting if w.time <= event.time - 7 * DAY]:
            stream.label(due)
            waiting.remove(due)
        online[event.id] = stream.observe(event)
        if event.is_fraud is not None:
            waiting.append(event)
    expected = batch(events, entities)
    assert {key: online[key] for key in expected} == expected


@SLOW_REFERENCE
@given(events=event_streams())
def test_a_terminal_that_is_declared_has_what_terminals_have(events):
    """The rules of cards and terminals are tested by their words; these are the same."""
    entities = (
        OwnEntity("shop", (KeyColumn("terminal_id"),), KeyColumn("customer_id")),
        OwnEntity("card", (KeyColumn("customer_id"),), KeyColumn("terminal_id")),
        OwnEntity("pair", (KeyColumn("customer_id"), KeyColumn("terminal_id"))),
    )
    found = compute_fraud_features(
        table(events),
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        label_delay=timedelta(days=7),
        entities=entities,
    )
    same = {
        "pair_count_30d": "customer_terminal_count_30d",
        "pair_is_new_30d": "customer_new_terminal",
        "shop_distinct_customer_id_1d": "terminal_distinct_customers_1d",
        "card_distinct_terminal_id_30d": "customer_distinct_terminals_30d",
        "shop_last_label_30d": "terminal_last_label_30d",
        "shop_fraud_streak_30d": "terminal_fraud_streak_30d",
        "shop_seconds_since_last_fraud_30d": "terminal_seconds_since_last_fraud_30d",
        "card_seconds_since_previous_30d": "customer_seconds_since_previous_30d",
        **{
            f"shop_{kind}_{span}": f"terminal_{kind}_{span}"
            for kind in ("count", "known_count", "fraud_count", "smoothed_risk")
            for span in ("7d", "30d")
        },
        **{
            f"card_{kind}_{span}": f"customer_{kind}_{span}"
            for kind in ("count", "amount_sum", "amount_mean")
            for span in ("1d", "7d", "30d")
        },
        **{
            f"card_amount_{kind}_30d": f"customer_amount_{kind}_30d"
            for kind in ("to_mean", "to_median", "to_max", "zscore")
        },
    }
    for declared, built_in in same.items():
        assert found[declared].to_pylist() == found[built_in].to_pylist(), declared


def events_of_device(count, *, step=3600 * SECOND, label=None):
    return [
        Event(f"{number:04}", NOON + number * step, f"c{number}", "t", 100, label)
        for number in range(count)
    ]


def test_a_transaction_without_a_value_is_of_no_entity_and_has_the_defaults():
    entity = OwnEntity("device", (KeyColumn("device", "categorical"),))
    event = Transaction("a", NOON, "c", "t", 1.0, None, {"device": None})
    seen = observe_own(event, {}, (entity,), label_delay=timedelta(days=7))
    assert seen.states == {}
    assert seen.features.tolist() == [feature.default for feature in features_of((entity,))]


def test_the_state_of_a_busy_entity_stays_bounded_and_its_features_look_at_the_newest_events():
    entity = OwnEntity("all", (KeyColumn("terminal_id"),), KeyColumn("customer_id"), most=4)
    stream = Stream((entity,))
    for event in events_of_device(30):
        values = stream.observe(event)
    found = dict(zip((f.name for f in features_of((entity,))), values, strict=True))
    assert found["all_count_7d"] == found["all_distinct_customer_id_7d"] == 4
    assert found["all_seconds_since_first_30d"] == 3 * 3600
    assert [len(state_from_bytes(data).rows) for data in stream.bytes.values()] == [8]


def test_an_event_up_to_half_of_the_kept_ones_late_is_measured_exactly():
    entity = OwnEntity("all", (KeyColumn("terminal_id"),), most=4)
    events = events_of_device(30)
    late, in_time = Stream((entity,)), Stream((entity,))
    expected = {event.id: in_time.observe(event) for event in events}
    arriving = [event for event in events if event.id != "0025"]
    for event in arriving:
        late.observe(event)
    assert late.observe(events[25]) == expected["0025"]
    assert late.bytes == in_time.bytes


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("ip", "203.0.113.7", "203.0.113.200"),
        ("email", "a@shop.example", "b@SHOP.example"),
    ],
)
def test_addresses_of_one_network_or_domain_are_one_entity(type_, one, other):
    entity = OwnEntity("origin", (KeyColumn("origin", type_),))
    ids = entity.ids(pa.table({"origin": [one, other, None]})).to_pylist()
    assert ids == [entity.id_of({"origin": one}), entity.id_of({"origin": other}), None]
    assert ids[0] == ids[1]
