"""The time windows of events, as index ranges over rows sorted by entity, time and id.

A row range is half open: ``start`` is its first row, ``end`` the row after its last. Everything is
integer arithmetic on UTC microseconds, so a range never depends on rows outside it.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.errors import PermanentError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def event_order(entity: Ints, time: Ints, ids: pa.ChunkedArray) -> Ints:
    """The row numbers that sort events by entity, then time, then id.

    Args:
        entity: entity code of each event, shape (n,).
        time: UTC microseconds, shape (n,).
        ids: text ids, n of them; compared byte by byte, and only where entity and time are equal.
    """
    order = _order(entity, time)
    entity, time = entity[order], time[order]
    tied = (entity[1:] == entity[:-1]) & (time[1:] == time[:-1])
    if tied.any():
        in_tie = np.append(tied, False) | np.insert(tied, 0, False)
        group = np.cumsum(np.insert(~tied, 0, True))[in_tie]
        rows = order[in_tie]
        by_id = pc.sort_indices(
            pa.table({"group": group, "id": ids.take(pa.array(rows))}),
            sort_keys=[("group", "ascending"), ("id", "ascending")],
        )
        order[in_tie] = rows[by_id.to_numpy()]
    return order


def _order(major: Ints, minor: Ints) -> Ints:
    """The row numbers that sort by ``major``, at least 0, then ``minor``; equal rows in any order.

    One sort of a combined key, which takes a quarter of the time of two, wherever it fits 63 bits.
    """
    if not len(major):
        return np.zeros(0, dtype=np.int64)
    low = int(minor.min())
    span = int(minor.max()) - low + 1
    if (int(major.max()) + 1) * span < 2**63:
        return np.argsort(major * span + (minor - low))
    return np.lexsort((minor, major))


class EntityTimeline:
    """Sorted events of many entities, where the start of any window takes one binary search.

    Each entity's times are shifted to a separate interval of one integer axis, so that a single
    ``searchsorted`` serves all entities at once.

    Args:
        entity: entity code of each event, ascending, shape (n,).
        time: UTC microseconds, ascending within an entity, shape (n,).
        most: maximum number of newest events in a window; None for all.

    Raises:
        PermanentError: the intervals of all entities together exceed 2**62 microseconds.
    """

    def __init__(self, entity: Ints, time: Ints, most: int | None = None) -> None:
        n = len(entity)
        is_first = np.ones(n, dtype=np.bool_)
        is_first[1:] = entity[1:] != entity[:-1]
        first = np.flatnonzero(is_first)
        last = np.append(first, n)[1:] - 1
        # One free unit before each interval keeps "before the first event" inside the entity.
        lengths = time[last] - time[first] + 2
        if lengths.sum(dtype=np.float64) >= 2.0**62:
            raise PermanentError(
                f"{len(first)} entities over this span of time do not fit into 64 bits",
                where="event batch of the feature computation",
                fix="compute fewer entities or fewer days at once",
            )
        position = np.cumsum(is_first) - 1
        offset = np.cumsum(lengths) - lengths
        self.time = time
        self._most = most
        self._earliest = (time[first] - 1)[position]
        self._shift = (offset - time[first] + 1)[position]
        self._line = time + self._shift

    def after(self, age: int | Ints, rows: Ints) -> Ints:
        """For each row, the first row of its entity whose time is later than the row's minus age.

        With ``most``, the row is one of that many newest rows, the row itself included.

        Args:
            age: microseconds, 0 or more.
            rows: row numbers, shape (m,).
        """
        limit = np.maximum(self.time[rows] - age, self._earliest[rows])
        start: Ints = np.searchsorted(self._line, limit + self._shift[rows], side="right")
        return start if self._most is None else np.maximum(start, rows + 1 - self._most)


def range_sum(values: Ints | Bools, start: Ints, end: Ints) -> Ints:
    """Sums of ``values[start:end]``, exact for every sum below 2**63.

    The running total may wrap around; the difference of two totals is still correct, because
    int64 arithmetic is modular.
    """
    total = np.zeros(len(values) + 1, dtype=np.int64)
    values.cumsum(dtype=np.int64, out=total[1:])
    return total[end] - total[start]


def range_max(values: Ints, start: Ints, end: Ints) -> Ints:
    """Maxima of ``values[start:end]``; the ranges must not be empty.

    Sparse table (Bender and Farach-Colton, 2000): two overlapping blocks of 2**k rows cover each.
    """
    result = np.empty(len(start), dtype=np.int64)
    length = end - start
    block, size = values, 1
    while True:
        here = np.flatnonzero((length >= size) & (length < 2 * size))
        result[here] = np.maximum(block[start[here]], block[end[here] - size])
        if not len(length) or length.max() < 2 * size:
            return result
        block = np.maximum(block[:-size], block[size:])
        size *= 2


def range_select(values: Ints, start: Ints, end: Ints, k: Ints) -> Ints:
    """The k-th smallest value, from 0, of each ``values[start:end]``; 0 <= k < end - start.

    Wavelet matrix (Claude, Navarro and Ordonez, 2015): the bits of the ranked values are split from
    the highest down, zeros before ones, and each range follows the side with its k-th value.
    Values are ranked within parts that no range crosses, so the number of levels depends on the
    longest part, such as the history of one entity.
    """
    part_start = _parts(len(values), start, end)
    part_of = np.repeat(part_start, np.diff(part_start, append=len(values)))
    by_value = _order(part_of, values)
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[by_value] = np.arange(len(values)) - part_of
    # Row numbers fit 32 bits, which halves the memory traffic of every level.
    rank, first, last, left = (each.astype(np.int32) for each in (ranks, start, end, k))
    chosen = np.zeros(len(start), dtype=np.int32)
    ones = np.zeros(len(rank) + 1, dtype=np.int32)
    for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
        is_one = (rank >> bit) & 1 == 1
        np.cumsum(is_one, out=ones[1:])
        ones_first, ones_last = ones[first], ones[last]
        first -= ones_first
        last -= ones_last
        zeros = last - first
        goes_up = left >= zeros
        left -= zeros * goes_up
        chosen += goes_up.astype(np.int32) << bit
        n_zeros = len(rank) - ones[-1]
        np.copyto(first, ones_first + n_zeros, where=goes_up)
        np.copyto(last, ones_last + n_zeros, where=goes_up)
        rank = np.concatenate((rank[~is_one], rank[is_one]))
    selected: Ints = values[by_value[part_of[start] + chosen]]
    return selected


def _parts(n: int, start: Ints, end: Ints) -> Ints:
    """The first rows of parts of n rows, ascending from 0, such that no range crosses two."""
    begun = np.cumsum(np.bincount(start, minlength=n + 1))
    ended = np.cumsum(np.bincount(end, minlength=n + 1))
    # No range continues from row i - 1 to row i if all ranges that have begun have ended.
    return np.flatnonzero(np.insert(begun[: n - 1] == ended[1:n], 0, True))


def first_in_range(marked: Bools, start: Ints, end: Ints) -> Ints:
    """The first marked row of each range, -1 where none is marked."""
    n = len(marked)
    rows = np.where(marked, np.arange(n), n)
    following = np.append(np.minimum.accumulate(rows[::-1])[::-1], n)
    row = following[start]
    return np.where(row < end, row, -1)


def last_in_range(marked: Bools, start: Ints, end: Ints) -> Ints:
    """The last marked row of each range, -1 where none is marked."""
    rows = np.where(marked, np.arange(len(marked)), -1)
    preceding = np.insert(np.maximum.accumulate(rows), 0, -1)
    row = preceding[end]
    return np.where(row >= start, row, -1)


def previous_occurrence(entity: Ints, value: Ints) -> Ints:
    """For every row, the last earlier row of the same entity with the same value, -1 for none."""
    order = np.lexsort((value, entity))
    same = (entity[order][1:] == entity[order][:-1]) & (value[order][1:] == value[order][:-1])
    previous = np.full(len(entity), -1, dtype=np.int64)
    previous[order[1:][same]] = order[:-1][same]
    return previous


def distinct_up_to_row(previous: Ints, start: Ints) -> Ints:
    """For every row i, the number of distinct values in rows ``start[i]`` to i inclusive.

    Row j repeats a value of row i's range as long as its previous occurrence is in that range,
    which holds from row j up to the first row whose range starts later; so each repeat is one step
    up and one step down of a running count.

    Args:
        previous: row of the previous occurrence of the same value of the entity, -1 for none.
        start: first row of each row's range, ascending, never outside the row's entity.
    """
    n = len(start)
    repeats = np.flatnonzero(previous >= 0)
    leaves = np.searchsorted(start, previous[repeats], side="right")
    stays = leaves > repeats
    steps = np.bincount(repeats[stays], minlength=n + 1)
    steps -= np.bincount(leaves[stays], minlength=n + 1)
    return np.arange(n) + 1 - start - np.cumsum(steps[:n])
