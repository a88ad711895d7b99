"""The lookback of a single event: Python numbers, looked up in shared totals."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.features.arithmetic import Value
from igniteflow_core.features.lookback import Column, quantile_rank
from igniteflow_core.features.state_events import StateEvents

Key = TypeVar("Key")
Derived = TypeVar("Derived")


class _Once(dict[Key, Derived], Generic[Key, Derived]):
    """Computes a value on first access; later accesses are one look-up in C."""

    def __init__(self, derive: Callable[[Key], Derived]) -> None:
        super().__init__()
        self._derive = derive

    def __missing__(self, key: Key) -> Derived:
        derived = self[key] = self._derive(key)
        return derived


class OneEntity:
    """The events of one entity, with what queries over ranges of them share.

    Args:
        events: events in the order of time and id.

    Attributes:
        values: values of each column.
        totals: for each column, the sums before each row and the sum of all rows.
        marked: for each column, the rows that it marks, ascending.
        others: for a text column, a code of each event's other, see ``StateEvents``.
    """

    def __init__(self, events: StateEvents) -> None:
        self.events = events
        self.values: _Once[Column, NDArray[Any]] = _Once(lambda column: column(events))
        self.totals: _Once[Column, list[int]] = _Once(self._summed)
        self.marked: _Once[Column, list[int]] = _Once(
            lambda mark: self.values[mark].nonzero()[0].tolist()
        )
        self.others: _Once[str, list[int]] = _Once(lambda name: events.others(name).tolist())

    def _summed(self, column: Column) -> list[int]:
        return [0, *self.values[column].cumsum(dtype=np.int64).tolist()]


class OneLookback:
    """``Lookback`` of one event.

    Args:
        entity: entity of the event.
        row: row of the event.
        start: first row of the lookback.
        end: row after the last.
    """

    __slots__ = ("_end", "_entity", "_row", "_start", "count")

    def __init__(self, entity: OneEntity, row: int, start: int, end: int) -> None:
        self._entity = entity
        self._row = row
        self._start = start
        self._end = end
        self.count: Value = end - start

    @property
    def first_row(self) -> Value:
        """See ``Lookback``."""
        return self._start if self.count else 0

    @property
    def last_row(self) -> Value:
        """See ``Lookback``."""
        return self._end - 1 if self.count else 0

    def own(self, column: Column) -> Value:
        """See ``Lookback``."""
        return self._entity.values[column].item(self._row)

    def at(self, column: Column, row: Value) -> Value:
        """See ``Lookback``."""
        return self._entity.values[column].item(row)

    def sum(self, column: Column) -> Value:
        """See ``Lookback``."""
        totals = self._entity.totals[column]
        return totals[self._end] - totals[self._start]

    def sum_of_products(self, column: Column, other: Column) -> Value:
        """See ``Lookback``."""
        values = self._entity.values
        rows = slice(self._start, self._end)
        return int(values[column][rows] @ values[other][rows])

    def max(self, column: Column) -> Value:
        """See ``Lookback``."""
        values = self._entity.values[column][self._start : self._end]
        return values.max().item() if self.count else 0

    def quantile(self, column: Column, percent: int) -> Value:
        """See ``Lookback``."""
        values = self._entity.values[column][self._start : self._end]
        rank = quantile_rank(self.count, percent)
        return np.partition(values, rank).item(rank) if self.count else 0

    def marked(self, mark: Column) -> Value:
        """See ``Lookback``."""
        marked = self._entity.marked[mark]
        return bisect_left(marked, self._end) - bisect_left(marked, self._start)

    def first(self, mark: Column) -> Value:
        """See ``Lookback``."""
        marked = self._entity.marked[mark]
        at = bisect_left(marked, self._start)
        return marked[at] if at < len(marked) and marked[at] < self._end else -1

    def last(self, mark: Column) -> Value:
        """See ``Lookback``."""
        marked = self._entity.marked[mark]
        at = bisect_left(marked, self._end) - 1
        return marked[at] if at >= 0 and marked[at] >= self._start else -1

    def since(self, row: Value) -> "OneLookback":
        """See ``Lookback``."""
        return OneLookback(self._entity, self._row, row if row >= 0 else self._end, self._end)

    def distinct(self, name: str) -> Value:
        """See ``Lookback``."""
        return len(set(self._entity.others[name][self._start : self._end]))
