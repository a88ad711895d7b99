"""Every feature against its rule, on streams of events built to be hard."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.compute import compute_fraud_features, history_days
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.events import RowRanges
from igniteflow_core.features.windows import EntityTimeline

from .reference import ALL_NAMES, DAY, SECOND, Event, reference_features
from .streams import FIRST_DAY, LAST_DAY, NOON, event_streams, event_table

SLOW_REFERENCE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def computed(events, delay_days=7, first_day=FIRST_DAY, last_day=LAST_DAY):
    """Each evaluated event's features by its id."""
    rows = compute_fraud_features(
        event_table(events),
        first_day=first_day,
        last_day=last_day,
        label_delay=timedelta(days=delay_days),
    ).to_pylist()
    return {row.pop("transaction_id"): row for row in rows}


def assert_as_by_rule(events, delay_days=7):
    result = computed(events, delay_days)
    for event in events:
        if event.id in result:
            expected = reference_features(events, event, delay_days * DAY)
            got = result[event.id]
            wrong = {
                name: (got[name], value)
                for name, value in expected.items()
                if not np.isclose(got[name], value, rtol=1e-9, atol=1e-9)
            }
            assert not wrong, f"{event.id}: {wrong} (computed, by rule)"


def test_the_reference_knows_every_feature():
    assert sorted(ALL_NAMES) == sorted(FEATURE_NAMES)


@SLOW_REFERENCE
@given(events=event_streams(), delay_days=st.sampled_from((1, 7)))
def test_every_feature_follows_its_rule(events, delay_days):
    assert_as_by_rule(events, delay_days)


@SLOW_REFERENCE
@given(events=event_streams())
def test_order_of_arrival_changes_nothing(events):
    assert computed(events) == computed(events[::-1])


@SLOW_REFERENCE
@given(events=event_streams())
def test_a_backfill_equals_a_run_for_each_day(events):
    by_day = {}
    for day in (FIRST_DAY, FIRST_DAY + timedelta(days=1), LAST_DAY):
        by_day |= computed(events, first_day=day, last_day=day)
    assert computed(events) == by_day


@SLOW_REFERENCE
@given(events=event_streams())
def test_events_before_the_history_change_nothing(events):
    age = (history_days(timedelta(days=7)) + 1) * DAY
    older = [
        replace(event, id=f"old {event.id}", time=event.time - age, is_fraud=1, cents=9_999_999)
        for event in events
        if event.time < NOON
    ]
    assert computed(older + events) == computed(events)


@SLOW_REFERENCE
@given(events=event_streams())
def test_later_events_and_fresh_labels_change_nothing(events):
    later = [replace(event, id=f"new {event.id}", time=event.time + 50 * DAY) for event in events]
    relabelled = [
        replace(event, is_fraud=1) if event.time > NOON + 3 * DAY - 7 * DAY else event
        for event in events
    ]
    assert computed(events + later) == computed(events) == computed(relabelled)


def stream_on_the_edges() -> list[Event]:
    """One card at one terminal, with an event on, before and after the edge of every window."""
    windows = (900 * SECOND, 3600 * SECOND, *(days * DAY for days in (1, 7, 8, 14, 30, 37)))
    ages = [0, 0, *(window + nudge for window in windows for nudge in (-1, 0, 1))]
    return [
        Event(f"e{number:02}", NOON - age, "c", "t", 1000 + 700 * (number % 5), number % 2)
        for number, age in enumerate(ages)
    ]


def test_events_on_the_edges_follow_the_rule():
    assert_as_by_rule(stream_on_the_edges())


@pytest.mark.parametrize("shift", [-SECOND, -1, 1, SECOND])
def test_a_window_off_by_a_second_or_a_microsecond_is_noticed(monkeypatch, shift):
    exact = EntityTimeline.after
    monkeypatch.setattr(
        EntityTimeline, "after", lambda self, age, rows: exact(self, age + shift, rows)
    )
    with pytest.raises(AssertionError, match="by rule"):
        assert_as_by_rule(stream_on_the_edges())


def test_a_window_that_includes_its_far_edge_is_noticed(monkeypatch):
    def closed(self, age, rows):
        limit = np.maximum(self.time[rows] - age, self._earliest[rows])
        return np.searchsorted(self._line, limit + self._shift[rows], side="left")

    monkeypatch.setattr(EntityTimeline, "after", closed)
    with pytest.raises(AssertionError, match="by rule"):
        assert_as_by_rule(stream_on_the_edges())


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_window_one_event_off_is_noticed(monkeypatch, shift):
    exact = RowRanges.over

    def shifted(self, over, window):
        rows = exact(self, over, window)
        return replace(rows, end=np.clip(rows.end + shift, rows.start, rows.at.max() + 1))

    monkeypatch.setattr(RowRanges, "over", shifted)
    with pytest.raises(AssertionError, match="by rule"):
        assert_as_by_rule(stream_on_the_edges())


def test_ties_of_time_are_broken_by_id():
    events = [Event(name, NOON, "c", "t", 1000, None) for name in ("a10", "a9", "a1")]
    counts = {name: row["customer_count_1d"] for name, row in computed(events).items()}
    assert counts == {"a1": 1, "a10": 2, "a9": 3}


def test_an_events_own_label_is_never_used():
    events = [Event("a", NOON, "c", "t", 1000, 1), Event("b", NOON, "c", "t", 1000, 1)]
    result = computed(events, delay_days=0)
    assert result["a"]["terminal_fraud_count_1d"] == 0
    assert result["b"]["terminal_fraud_count_1d"] == 1


@pytest.mark.parametrize("amount", [None, float("nan"), float("inf"), 1e12])
def test_an_amount_that_cannot_be_summed_exactly_is_refused(amount):
    table = event_table([Event("a", NOON, "c", "t", 1000, None)])
    position = table.column_names.index("amount")
    broken = table.set_column(position, "amount", [[amount]])
    with pytest.raises(PermanentError, match="amount"):
        compute_fraud_features(
            broken, first_day=FIRST_DAY, last_day=LAST_DAY, label_delay=timedelta(days=7)
        )
