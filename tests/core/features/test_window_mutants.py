"""A window of any single feature that is off at either edge, by whatever little, is noticed.

Each case is a handful of events around one edge. The declared feature gives what the rule says, and
the same feature with its window or delay shifted does not, in at least one of the cases.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product

import numpy as np
import pytest

from igniteflow_core.features import compute, events
from igniteflow_core.features.compute import compute_customer_features, evaluate
from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.features.events import TableEvents
from igniteflow_core.features.positions import with_points

from .reference import DAY, SECOND, Event, plane, reference_features
from .streams import NOON, event_table
from .test_feature_rules import assert_as_by_rule

DELAY = timedelta(days=7)
HOME = plane(0.0, 0.0)
MICROSECOND = timedelta(microseconds=1)
WINDOWED = [feature for feature in FRAUD_FEATURES if feature.window]
EQUAL_AT_THE_EDGE = {"customer_seconds_since_previous_30d"}
"""Its default is the window, which is also its value of an event exactly on the edge."""
LABELLED = [feature for feature in WINDOWED if feature.over == "labelled"]


@cache
def streams_around(time: int) -> tuple[list[Event], ...]:
    """The event at noon, one at the time, and more, so that every feature can tell one missing."""
    streams = []
    for customer, terminal, company, amount in product("cd", "tu", (False, True), (900_000, 100)):
        edge = Event("edge", time, customer, terminal, amount, 1, HOME, plane(3.0, 4.0))
        usual = [
            Event(
                f"a{days}",
                time - days * DAY,
                customer,
                "v",
                1000,
                0,
                HOME,
                plane(9.0, 9.0),
            )
            for days in (2, 3, 4)
        ]
        recent = [
            Event(
                f"b{number}",
                NOON - number * SECOND,
                "c",
                "t",
                1000,
                0,
                HOME,
                plane(6.0, 8.0),
            )
            for number in (2, 3)
        ]
        now = Event("now", NOON, "c", "t", 5000, None, HOME, plane(6.0, 8.0))
        streams.append([*usual, edge, *(recent if company else []), now])
    return tuple(streams)


@cache
def case(time: int, number: int):
    """The events of a stream by entity, and the features of its last event by rule."""
    stream = streams_around(time)[number]
    table = with_points(event_table(stream))
    everything = np.ones(len(stream), dtype=np.bool_)
    flags = compute_customer_features(table, everything, label_delay=DELAY).flags
    by_entity = {
        entity: TableEvents(table, columns, flags)
        for entity, columns in compute._ENTITY_COLUMNS.items()
    }
    return by_entity, reference_features(stream, stream[-1], DELAY // MICROSECOND)


def noticed(time: int, mutants: dict, delay: timedelta = DELAY) -> set[str]:
    """The features whose mutant differs from the rule in a case, where the declared one does not.

    Args:
        time: where the events of the cases lie.
        mutants: each declared feature by name, with its window shifted or not.
        delay: shifted or not.
    """
    found = set()
    for number in range(len(streams_around(time))):
        by_entity, rule = case(time, number)
        wanted = np.zeros(len(streams_around(time)[number]), dtype=np.bool_)
        wanted[-1] = True
        declared = tuple(feature for feature in WINDOWED if feature.name in mutants)
        right = evaluate(by_entity, wanted, declared, DELAY)
        wrong = evaluate(by_entity, wanted, tuple(mutants.values()), delay)
        for name in mutants:
            assert right[name][0] == pytest.approx(rule[name], rel=1e-13, abs=1e-12), name
            if wrong[name][0] != pytest.approx(rule[name], rel=1e-13, abs=1e-12):
                found.add(name)
    return found


@pytest.mark.parametrize("shift", [MICROSECOND, timedelta(seconds=1)])
@pytest.mark.parametrize("direction", ["longer", "shorter"])
def test_a_window_of_one_feature_that_is_off_at_its_far_edge_is_noticed(direction, shift):
    at_edge = defaultdict(dict)
    for feature in WINDOWED:
        window = feature.window + (shift if direction == "longer" else -shift)
        # The oldest event that only the longer of the two windows holds.
        age = max(window, feature.window) - MICROSECOND
        age += DELAY if feature.over == "labelled" else timedelta(0)
        edge = NOON - age // MICROSECOND
        at_edge[edge][feature.name] = replace(feature, window=window)
    for edge, mutants in at_edge.items():
        same = EQUAL_AT_THE_EDGE if (direction, shift) == ("longer", MICROSECOND) else set()
        assert noticed(edge, mutants) == set(mutants) - same


@pytest.mark.parametrize("shift", [MICROSECOND, timedelta(seconds=1)])
@pytest.mark.parametrize("direction", ["longer", "shorter"])
def test_a_label_delay_of_one_feature_that_is_off_is_noticed(direction, shift):
    mutants = {feature.name: feature for feature in LABELLED}
    # A label that is as old as the delay is known, one a microsecond younger is not.
    edge = NOON - DELAY // MICROSECOND + (direction == "shorter")
    delay = DELAY + (shift if direction == "longer" else -shift)
    assert noticed(edge, mutants, delay) == set(mutants)


def test_ties_of_time_broken_the_other_way_are_noticed(monkeypatch):
    def backwards(entity, time, ids):
        names = np.array(ids.to_pylist())
        return np.lexsort((-np.unique(names, return_inverse=True)[1], time, entity))

    ties = [Event(name, NOON, "c", "t", 1000, 0) for name in ("a10", "a9", "a1")]
    assert_as_by_rule(ties)
    monkeypatch.setattr(events, "event_order", backwards)
    with pytest.raises(AssertionError, match="by rule"):
        assert_as_by_rule(ties)
