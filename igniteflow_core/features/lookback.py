"""The input of a measure: an event, or many, and the rows of its entity in the lookback."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.features.arithmetic import Value
from igniteflow_core.features.events import EntityEvents, Range
from igniteflow_core.features.windows import (
    first_in_range,
    last_in_range,
    range_max,
    range_select,
    range_sum,
)

Column: TypeAlias = Callable[[EntityEvents], NDArray[Any]]
"""A number or a mark of each event."""


class Lookback(Protocol):
    """An event and the rows [start, end) of its lookback, or many events with their rows.

    Every value is a number for one event, or an array over many events, see ``arithmetic``.
    """

    @property
    def count(self) -> Value:
        """The number of rows."""
        ...

    @property
    def first_row(self) -> Value:
        """The first row; 0 where there is none."""
        ...

    @property
    def last_row(self) -> Value:
        """The last row; 0 where there is none."""
        ...

    def own(self, column: Column) -> Value:
        """The value of the event itself."""
        ...

    def at(self, column: Column, row: Value) -> Value:
        """The value at a row; any value for a row of -1."""
        ...

    def sum(self, column: Column) -> Value:
        """The exact sum of integers."""
        ...

    def sum_of_products(self, column: Column, other: Column) -> Value:
        """The exact sum of the products of integers."""
        ...

    def max(self, column: Column) -> Value:
        """The largest integer; 0 where there is no row."""
        ...

    def quantile(self, column: Column, percent: int) -> Value:
        """The lower percentile, which is one of the integers; 0 where there is no row."""
        ...

    def marked(self, mark: Column) -> Value:
        """The number of rows that are marked."""
        ...

    def first(self, mark: Column) -> Value:
        """The first row that is marked; -1 where none is."""
        ...

    def last(self, mark: Column) -> Value:
        """The last row that is marked; -1 where none is."""
        ...

    def since(self, row: Value) -> "Lookback":
        """The rows from that one on; none for a row of -1."""
        ...

    def distinct(self, name: str) -> Value:
        """The number of distinct values of a text column; the rows must end at the event."""
        ...


Measure: TypeAlias = Callable[[Lookback], Value]
"""The value of a feature; NaN without history."""


def quantile_rank(count: Value, percent: int) -> Value:
    """The index of the lower percentile among ``count`` sorted values."""
    return (count * percent + 99) // 100 - 1


class ManyLookbacks:
    """``Lookback`` of many events, by queries over all ranges at once."""

    def __init__(self, events: EntityEvents, rows: Range) -> None:
        self._events = events
        self._rows = rows
        self.count: Value = rows.end - rows.start

    @property
    def first_row(self) -> Value:
        """See ``Lookback``."""
        return np.where(self.count > 0, self._rows.start, 0)

    @property
    def last_row(self) -> Value:
        """See ``Lookback``."""
        return np.where(self.count > 0, self._rows.end - 1, 0)

    def own(self, column: Column) -> Value:
        """See ``Lookback``."""
        return column(self._events)[self._rows.at]

    def at(self, column: Column, row: Value) -> Value:
        """See ``Lookback``."""
        return column(self._events)[row]

    def sum(self, column: Column) -> Value:
        """See ``Lookback``."""
        return range_sum(column(self._events), self._rows.start, self._rows.end)

    def sum_of_products(self, column: Column, other: Column) -> Value:
        """See ``Lookback``."""
        products = column(self._events) * other(self._events)
        return range_sum(products, self._rows.start, self._rows.end)

    def max(self, column: Column) -> Value:
        """See ``Lookback``."""
        result = np.zeros(len(self.count), dtype=np.int64)
        some, start, end = self._not_empty()
        result[some] = range_max(column(self._events), start, end)
        return result

    def quantile(self, column: Column, percent: int) -> Value:
        """See ``Lookback``."""
        result = np.zeros(len(self.count), dtype=np.int64)
        some, start, end = self._not_empty()
        rank = quantile_rank(end - start, percent)
        result[some] = range_select(column(self._events), start, end, rank)
        return result

    def marked(self, mark: Column) -> Value:
        """See ``Lookback``."""
        return range_sum(mark(self._events), self._rows.start, self._rows.end)

    def first(self, mark: Column) -> Value:
        """See ``Lookback``."""
        return first_in_range(mark(self._events), self._rows.start, self._rows.end)

    def last(self, mark: Column) -> Value:
        """See ``Lookback``."""
        return last_in_range(mark(self._events), self._rows.start, self._rows.end)

    def since(self, row: Value) -> "ManyLookbacks":
        """See ``Lookback``."""
        rows = self._rows
        start = np.where(row >= 0, row, rows.end)
        return ManyLookbacks(self._events, Range(rows.at, start, rows.end, rows.window))

    def distinct(self, name: str) -> Value:
        """See ``Lookback``."""
        return self._events.distinct(name, self._rows)

    def _not_empty(self) -> tuple[Value, Value, Value]:
        some = self.count > 0
        return some, self._rows.start[some], self._rows.end[some]
