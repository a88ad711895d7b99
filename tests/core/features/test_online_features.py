"""Features from states, one transaction at a time, against the batch and against the rule."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.compute import compute_fraud_features
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.online import Observation, observe
from igniteflow_core.features.online_batch import observe_batch, other_terminals
from igniteflow_core.features.positions import UNKNOWN_POINT, point, with_points
from igniteflow_core.features.state import Transaction, empty_state, state_from_bytes
from igniteflow_core.features.state_history import history_flags, states_of

from .reference import DAY, SECOND, Event, reference_features
from .streams import (
    FIRST_DAY,
    LAST_DAY,
    NOON,
    event_streams,
    event_table,
    streams_with_positions,
)
from .test_feature_rules import SLOW_REFERENCE, stream_on_the_edges


class Stream:
    """A stream of events over states that are written to bytes and read back at each step."""

    def __init__(self, delay_days=7, *, events_have_positions=False):
        self.delay = timedelta(days=delay_days)
        self.events_have_positions = events_have_positions
        self.states = {}

    def state(self, kind, key, position):
        empty = empty_state(
            UNKNOWN_POINT if self.events_have_positions else point(**(position or {}))
        )
        return state_from_bytes(self.states.get((kind, key), empty.to_bytes()))

    def transaction(self, event: Event, is_fraud) -> Transaction:
        where = {}
        if self.events_have_positions:
            where = {"home": point(**(event.home or {})), "place": point(**(event.place or {}))}
        return Transaction(
            event.id,
            event.time,
            event.customer,
            event.terminal,
            event.cents / 100,
            is_fraud,
            **where,
        )

    def observe(self, event: Event, is_fraud=None) -> Observation:
        result = observe(
            self.transaction(event, is_fraud),
            self.state("customer", event.customer, event.home),
            self.state("terminal", event.terminal, event.place),
            label_delay=self.delay,
        )
        self.states["customer", event.customer] = result.customer.to_bytes()
        self.states["terminal", event.terminal] = result.terminal.to_bytes()
        for change in result.changes:
            key = "terminal", change.terminal_id
            self.states[key] = change.apply(state_from_bytes(self.states[key])).to_bytes()
        return result

    def observe_batch(self, events: list[Event]) -> dict[str, list[float]]:
        transactions = [self.transaction(event, event.is_fraud) for event in events]
        customers = {e.customer: self.state("customer", e.customer, e.home) for e in events}
        places = {e.terminal: e.place for e in events}
        wanted = set(places) | other_terminals(transactions, customers)
        result = observe_batch(
            transactions,
            customers,
            {name: self.state("terminal", name, places.get(name)) for name in wanted},
            label_delay=self.delay,
        )
        for kind, states in (("customer", result.customers), ("terminal", result.terminals)):
            self.states |= {(kind, name): state.to_bytes() for name, state in states.items()}
        return dict(zip((e.id for e in events), result.features.tolist(), strict=True))

    def label(self, event: Event):
        for key in (("customer", event.customer), ("terminal", event.terminal)):
            labelled = state_from_bytes(self.states[key]).with_label(
                event.time, event.id, event.is_fraud
            )
            self.states[key] = labelled.to_bytes()


def ordered(events):
    return sorted(events, key=lambda event: (event.time, event.id))


def batch(events, delay_days=7):
    rows = compute_fraud_features(
        event_table(events),
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        label_delay=timedelta(days=delay_days),
    ).to_pylist()
    return {row["transaction_id"]: [row[name] for name in FEATURE_NAMES] for row in rows}


@SLOW_REFERENCE
@given(events=event_streams(), delay_days=st.sampled_from((0, 1, 7)))
def test_online_features_equal_the_batch_to_the_last_bit(events, delay_days):
    stream = Stream(delay_days)
    online = {event.id: stream.observe(event, event.is_fraud) for event in ordered(events)}
    for transaction_id, expected in batch(events, delay_days).items():
        assert online[transaction_id].features.tolist() == expected


@SLOW_REFERENCE
@given(events=streams_with_positions())
def test_positions_that_the_events_say_themselves_count_as_in_the_batch(events):
    by_event, together = (Stream(events_have_positions=True) for _ in range(2))
    online = {
        event.id: by_event.observe(event, event.is_fraud).features.tolist()
        for event in ordered(events)
    }
    assert together.observe_batch(events) == online
    expected = batch(events)
    assert {name: online[name] for name in expected} == expected


@SLOW_REFERENCE
@given(events=event_streams())
def test_online_features_follow_the_rule(events):
    stream = Stream()
    for event in ordered(events):
        got = stream.observe(event, event.is_fraud).features
        if event.time >= NOON:
            rule = reference_features(events, event, 7 * DAY)
            assert got == pytest.approx([rule[name] for name in FEATURE_NAMES], rel=1e-9, abs=1e-9)


def test_events_on_the_edges_equal_the_batch():
    events = stream_on_the_edges()
    stream = Stream()
    online = {event.id: stream.observe(event, event.is_fraud) for event in ordered(events)}
    expected = batch(events)
    assert len(expected) > 2
    assert {key: online[key].features.tolist() for key in expected} == expected


@SLOW_REFERENCE
@given(events=event_streams())
def test_a_label_that_comes_when_it_is_due_equals_one_known_from_the_start(events):
    stream = Stream()
    online, waiting = {}, []
    for event in ordered(events):
        for due in [w for w in waiting if w.time <= event.time - 7 * DAY]:
            stream.label(due)
            waiting.remove(due)
        online[event.id] = stream.observe(event)
        if event.is_fraud is not None:
            waiting.append(event)
    for transaction_id, expected in batch(events).items():
        assert online[transaction_id].features.tolist() == expected


def test_a_label_is_not_seen_before_its_delay():
    fraud = Event("a", NOON - 7 * DAY + 1, "c", "t", 1000, 1)
    event = Event("b", NOON, "c", "t", 1000, None)
    stream = Stream()
    stream.observe(fraud, is_fraud=1)
    values = dict(zip(FEATURE_NAMES, stream.observe(event).features, strict=True))
    assert values["terminal_fraud_count_1d"] == 0
    assert values["customer_fraud_count_30d"] == 0


@SLOW_REFERENCE
@given(events=event_streams(), data=st.data())
def test_late_events_leave_the_states_as_ordered_ones_do(events, data):
    # Later than a week, an event may find history gone that its features need.
    events = [event for event in events if event.time > NOON - 7 * DAY]
    shuffled = data.draw(st.permutations(events))
    late, in_time = Stream(), Stream()
    for event in shuffled:
        late.observe(event)
    for event in ordered(events):
        in_time.observe(event)
    assert late.states == in_time.states


@SLOW_REFERENCE
@given(events=event_streams())
def test_a_repeated_event_has_the_same_features_and_changes_nothing(events):
    stream = Stream()
    for event in ordered(events):
        first = stream.observe(event, event.is_fraud)
        states = dict(stream.states)
        again = stream.observe(event, event.is_fraud)
        assert np.array_equal(first.features, again.features)
        assert stream.states == states


@SLOW_REFERENCE
@given(events=event_streams(), data=st.data())
def test_a_micro_batch_equals_its_events_one_by_one(events, data):
    arriving = data.draw(st.permutations(events))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=4)) | {len(events)})
    batches, single = Stream(), Stream()
    for first, end in zip([0, *cuts], cuts, strict=False):
        batch_of = arriving[first:end]
        one_by_one = {
            event.id: single.observe(event, event.is_fraud).features.tolist()
            for event in ordered(batch_of)
        }
        assert batches.observe_batch(batch_of) == one_by_one
        assert batches.states == single.states
        # Once more, as after a crash between the store and the checkpoint.
        assert batches.observe_batch(batch_of) == one_by_one
        assert batches.states == single.states


def test_events_older_than_the_history_are_forgotten():
    stream = Stream()
    for number in range(60):
        stream.observe(Event(f"{number:02}", NOON + number * DAY, "c", "t", 100, None))
    assert [len(state_from_bytes(data).rows) for data in stream.states.values()] == [44, 44]


def test_ties_in_a_state_are_ordered_by_the_bytes_of_their_ids():
    stream = Stream()
    names = ["a10", "é", "z", "a9", "\N{GRINNING FACE}", "a1"]
    for name in names:
        stream.observe(Event(name, NOON, "c", "t", 100, None))
    state = state_from_bytes(stream.states["customer", "c"])
    in_order = sorted(names, key=str.encode)
    assert [state.ids(row) for row in range(len(names))] == [(name, "t") for name in in_order]


def test_the_label_of_an_event_that_the_state_does_not_hold_finds_nothing():
    assert empty_state().with_label(NOON, "a", 1) is None


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1e12])
def test_an_amount_that_cannot_be_summed_exactly_is_refused_online(amount):
    event = Transaction("a", NOON, "c", "t", amount)
    with pytest.raises(PermanentError, match="amount"):
        observe(event, empty_state(), empty_state(), label_delay=timedelta(days=7))


@pytest.mark.parametrize("damage", [lambda data: data[:-60], lambda data: b"xxxx" + data[4:]])
def test_a_damaged_state_is_refused(damage):
    event = Transaction("a", NOON + SECOND, "c", "t", 1.0)
    result = observe(event, empty_state(), empty_state(), label_delay=timedelta(days=7))
    with pytest.raises(PermanentError, match="another version"):
        state_from_bytes(damage(result.customer.to_bytes()))


@SLOW_REFERENCE
@given(events=event_streams())
def test_states_from_a_table_equal_those_from_its_events_one_by_one(events):
    stream = Stream()
    for event in ordered(events):
        stream.observe(event, event.is_fraud)
    table = with_points(event_table(events))
    flags = history_flags(table, label_delay=stream.delay)
    from_table = {
        (kind, name): state.to_bytes()
        for kind in ("customer", "terminal")
        for name, state in states_of(kind, table, flags, label_delay=stream.delay)
    }
    assert from_table == stream.states


def test_an_empty_table_gives_no_states():
    table = with_points(event_table([]))
    flags = history_flags(table, label_delay=timedelta(days=7))
    assert list(states_of("customer", table, flags, label_delay=timedelta(days=7))) == []
