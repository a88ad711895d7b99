"""The window kernel by hand and against plain loops."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.windows import (
    EntityTimeline,
    distinct_up_to_row,
    event_order,
    first_in_range,
    last_in_range,
    previous_occurrence,
    range_max,
    range_select,
    range_sum,
)


@st.composite
def values_and_ranges(draw):
    values = draw(st.lists(st.integers(-5, 5), min_size=1, max_size=40))
    bounds = draw(st.lists(st.tuples(*2 * [st.integers(0, len(values))]), min_size=1, max_size=20))
    ranges = [(min(pair), max(pair)) for pair in bounds if pair[0] != pair[1]] or [(0, 1)]
    start, end = np.array(ranges).T
    return np.array(values), start, end


QUICK = settings(max_examples=100, deadline=None, derandomize=True)


@QUICK
@given(case=values_and_ranges(), share=st.floats(0, 0.999))
def test_range_queries_equal_plain_loops(case, share):
    values, start, end = case
    slices = [values[a:b] for a, b in zip(start, end, strict=True)]
    k = ((end - start) * share).astype(np.int64)
    marked = values > 3
    assert range_sum(values, start, end).tolist() == [piece.sum() for piece in slices]
    assert range_max(values, start, end).tolist() == [piece.max() for piece in slices]
    assert range_select(values, start, end, k).tolist() == [
        np.sort(piece)[i] for piece, i in zip(slices, k, strict=True)
    ]
    inside = [np.flatnonzero(piece > 3) for piece in slices]
    assert first_in_range(marked, start, end).tolist() == [
        a + found[0] if len(found) else -1 for a, found in zip(start, inside, strict=True)
    ]
    assert last_in_range(marked, start, end).tolist() == [
        a + found[-1] if len(found) else -1 for a, found in zip(start, inside, strict=True)
    ]


@QUICK
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 3)), min_size=1),
    age=st.integers(1, 6),
)
def test_distinct_values_equal_plain_sets(rows, age):
    entity, time, value = np.array(sorted(rows)).T
    start = EntityTimeline(entity, time).after(age, np.arange(len(rows)))
    counted = distinct_up_to_row(previous_occurrence(entity, value), start)
    assert counted.tolist() == [len(set(value[a : i + 1])) for i, a in enumerate(start)]


def test_sums_stay_exact_when_the_running_total_overflows():
    values = np.full(10, 2**62)
    assert range_sum(values, np.array([8]), np.array([9])).tolist() == [2**62]


def test_a_window_starts_after_its_far_edge_and_inside_its_entity():
    entity, time = np.array([0, 0, 0, 1, 1]), np.array([0, 5, 10, 1, 10])
    line = EntityTimeline(entity, time)
    assert line.after(5, np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert line.after(6, np.arange(5)).tolist() == [0, 0, 1, 3, 4]
    assert line.after(10**15, np.arange(5)).tolist() == [0, 0, 0, 3, 3]


def test_events_are_ordered_by_entity_time_and_bytes_of_the_id():
    order = event_order(
        np.array([1, 0, 1, 0, 1]),
        np.array([7, 5, 7, 5, 3]),
        pa.chunked_array([["b", "é"], ["a", "z", "c"]]),
    )
    assert order.tolist() == [3, 1, 4, 2, 0]


def test_more_time_than_the_line_holds_is_refused():
    entity, time = np.repeat(np.arange(3), 2), np.array([0, 2**61] * 3)
    with pytest.raises(PermanentError, match="do not fit into 64 bits"):
        EntityTimeline(entity, time)
