"""Events of one kind of entity, sorted, and the row ranges of a feature's lookback."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.arithmetic import Value, minimum
from igniteflow_core.features.windows import (
    Bools,
    EntityTimeline,
    Floats,
    Ints,
    distinct_up_to_row,
    event_order,
    previous_occurrence,
)
from igniteflow_core.values.rules import LARGEST_AMOUNT, MINOR_UNITS

SECOND = 1_000_000
"""Microseconds; the unit of every time."""

Over = Literal["event", "window", "earlier", "labelled"]
"""The lookback of a feature of an event at time t.

``event`` is the event alone; ``window`` the entity's events in (t - window, t], the event included
and ties of time broken by id; ``earlier`` the same without the event; ``labelled`` the events in
(t - delay - window, t - delay], whose labels have had the label delay to become known (never the
event itself).
"""


@dataclass(frozen=True)
class Range:
    """The lookback [start, end) of each evaluated row ``at``; all of shape (m,)."""

    at: Ints
    start: Ints
    end: Ints
    window: int
    """Length in microseconds."""


class EntityEvents(Protocol):
    """Columns of events in the order of entity, time and id."""

    @property
    def time(self) -> Ints:
        """UTC microseconds of each event."""
        ...

    @property
    def amount(self) -> Ints:
        """Amounts in 1/10,000 of the currency."""
        ...

    @property
    def is_known(self) -> Bools:
        """Whether the event's label is there at all."""
        ...

    @property
    def is_fraud(self) -> Bools:
        """Whether the event's label is there and says fraud."""
        ...

    def floats(self, name: str) -> Floats:
        """A column of doubles; NaN for null."""
        ...

    def flags(self, name: str) -> Bools:
        """A flag of each event."""
        ...

    def distinct(self, name: str, rows: Range) -> Ints:
        """The number of distinct values of a text column in each range; it must end at its row."""
        ...


class SortedEvents(EntityEvents, Protocol):
    """Events of any number of entities, with their positions in the input."""

    order: Ints
    timeline: EntityTimeline


def require_exact(largest: float) -> None:
    """Check that amounts can be summed exactly.

    Args:
        largest: the largest absolute value; NaN if an amount is NaN.

    Raises:
        PermanentError: an amount is not finite or too large for exact sums.
    """
    if not largest <= LARGEST_AMOUNT:
        raise PermanentError(
            f"an amount is missing, not finite, or beyond {LARGEST_AMOUNT:.0f}",
            where="column amount of the transactions",
            fix="materialize the days of transactions with it again: such a row is then "
            "quarantined as amount_too_large",
        )


def minor_units(amount: Floats) -> Ints:
    """Amounts in 1/10,000 of the currency."""
    return np.rint(amount * MINOR_UNITS).astype(np.int64)


class TableEvents:
    """``EntityEvents`` of a table, of any number of entities.

    Args:
        table: one row per event, in any order: transaction_id, event_time, customer_id,
            terminal_id, amount and is_fraud (null while unknown); positions if a measure needs
            them.
        entity_columns: the columns that together identify the entity.
        flags: booleans of each event, in the order of the table; read when a measure needs them.
        most: maximum number of an entity's newest events in a window; None for all.

    Raises:
        PermanentError: an amount that is not finite or too large for exact sums.
    """

    def __init__(
        self,
        table: pa.Table,
        entity_columns: tuple[str, ...],
        flags: Mapping[str, Bools],
        most: int | None = None,
    ) -> None:
        self._table = table
        self._flags = flags
        entity = self.codes(entity_columns[0])
        for name in entity_columns[1:]:
            other = self.codes(name)
            entity = entity * (int(other.max(initial=0)) + 1) + other
        time = epoch_microseconds(table["event_time"])
        self.order = event_order(entity, time, table["transaction_id"])
        self.entity = entity[self.order]
        self.timeline = EntityTimeline(self.entity, time[self.order], most)
        self._previous: dict[str, Ints] = {}

    @property
    def time(self) -> Ints:
        """UTC microseconds of each event."""
        return self.timeline.time

    @cached_property
    def amount(self) -> Ints:
        """Amounts in 1/10,000 of the currency."""
        amount = self.floats("amount")
        require_exact(float(np.abs(amount).max(initial=0.0)))
        return minor_units(amount)

    @cached_property
    def is_known(self) -> Bools:
        """Whether the event's label is there at all."""
        return self._sorted(pc.is_valid(self._table["is_fraud"]))

    @cached_property
    def is_fraud(self) -> Bools:
        """Whether the event's label is there and says fraud."""
        return self._sorted(pc.fill_null(pc.equal(self._table["is_fraud"], 1), False))

    def floats(self, name: str) -> Floats:
        """A column of doubles; NaN for null."""
        return self._sorted(self._table[name]).astype(np.float64, copy=False)

    def flags(self, name: str) -> Bools:
        """A flag of each event."""
        return self._flags[name][self.order]

    def codes(self, name: str) -> Ints:
        """Small integer codes of a text column, in the order of the table, not of the entity."""
        encoded = pc.dictionary_encode(self._table[name].combine_chunks())
        codes: Ints = encoded.indices.to_numpy().astype(np.int64)
        return codes

    def distinct(self, name: str, rows: Range) -> Ints:
        """The number of distinct values of a text column in each range; it must end at its row."""
        if name not in self._previous:
            self._previous[name] = previous_occurrence(self.entity, self.codes(name)[self.order])
        start = self.timeline.after(rows.window, np.arange(len(self.order)))
        return distinct_up_to_row(self._previous[name], start)[rows.at]

    def _sorted(self, column: pa.ChunkedArray) -> NDArray[Any]:
        values: NDArray[Any] = column.to_numpy()
        return values[self.order]


def row_bounds(
    over: Over, at: Value, window: int, label_delay: int, after: Callable[[int], Value]
) -> tuple[Value, Value]:
    """First row, and row after the last, of the lookback of the rows ``at``; see ``Over``.

    Args:
        over: kind of lookback.
        at: the evaluated rows, shape (m,), or one of them.
        window: microseconds; 0 for the event alone.
        label_delay: microseconds until a label is known.
        after: function from an age to each row's first row later than its time minus that age.
    """
    if over == "event":
        return at, at + 1
    if over == "labelled":
        known = minimum(after(label_delay), at)
        return minimum(after(window + label_delay), known), known
    return after(window), at + 1 if over == "window" else at


class RowRanges:
    """The ranges of one set of evaluated rows; each binary search is done once.

    Args:
        timeline: timeline of the entity's events.
        at: the evaluated rows, ascending, shape (m,).
        label_delay: microseconds until a label is known.
    """

    def __init__(self, timeline: EntityTimeline, at: Ints, label_delay: int) -> None:
        self._timeline = timeline
        self._at = at
        self._label_delay = label_delay
        self._starts: dict[int, Ints] = {}

    def over(self, over: Over, window: int) -> Range:
        """The lookback of each evaluated row; ``window`` in microseconds, 0 for the event alone."""
        start, end = row_bounds(over, self._at, window, self._label_delay, self._after)
        return Range(self._at, start, end, window)

    def _after(self, age: int) -> Ints:
        if age not in self._starts:
            self._starts[age] = self._timeline.after(age, self._at)
        return self._starts[age]


def epoch_microseconds(column: pa.ChunkedArray) -> Ints:
    """UTC microseconds since 1970 of a timestamp column."""
    micros = pc.cast(column, pa.timestamp("us", tz=column.type.tz))
    values: Ints = pc.cast(micros, pa.int64()).to_numpy()
    return values
