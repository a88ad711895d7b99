"""The fraud features of one transaction from the states of its card and its terminal.

They are the batch's measures, over the same ranges of rows, so every value equals the batch's.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

import numpy as np

from igniteflow_core.features.compute import CUSTOMER_PASS, MICROSECOND, history_days
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.events import (
    EntityEvents,
    Measure,
    Over,
    Range,
    exact_amounts,
    row_range,
)
from igniteflow_core.features.feature import Entity, Feature
from igniteflow_core.features.state import EntityState, Rows, Transaction
from igniteflow_core.features.terminal_features import TERMINAL_FEATURES
from igniteflow_core.features.windows import Bools, Floats, Ints

FLAG_BITS = {flag.name: 1 << bit for bit, flag in enumerate(FLAGS)}
_POSITION = {name: number for number, name in enumerate(FEATURE_NAMES)}


class StateEvents:
    """``EntityEvents`` of one entity's state.

    Args:
        rows: its events, or those with one other.
        kind: whose state it is, ``customer`` or ``terminal``.
        own: the entity's own position, or that of each row's entity.
    """

    def __init__(
        self, rows: Rows, kind: str, own: tuple[float, float] | tuple[Floats, Floats]
    ) -> None:
        self._rows = rows
        self._kind = kind
        self._own = own
        self._other = "terminal" if kind == "customer" else "customer"
        self.time: Ints = np.ascontiguousarray(rows["time"])

    @cached_property
    def amount(self) -> Ints:
        """Amounts in 1/10,000 of the currency."""
        return exact_amounts(self._rows["amount"])

    @cached_property
    def is_known(self) -> Bools:
        """Whether the event's label is there at all."""
        known: Bools = self._rows["is_fraud"] >= 0
        return known

    @cached_property
    def is_fraud(self) -> Bools:
        """Whether the event's label is there and says fraud."""
        fraud: Bools = self._rows["is_fraud"] == 1
        return fraud

    def floats(self, name: str) -> Floats:
        """The amounts or a coordinate of each event; NaN for unknown."""
        if name == "amount":
            values: Floats = self._rows["amount"]
            return values
        owner, axis = name.rsplit("_", 1)
        if owner == self._kind:
            return np.broadcast_to(self._own[axis == "y"], len(self._rows))
        coordinate: Floats = self._rows[f"other_{axis}"]
        return coordinate

    def flags(self, name: str) -> Bools:
        """A flag of each event."""
        flagged: Bools = (self._rows["flags"] & FLAG_BITS[name]) != 0
        return flagged

    def others(self, name: str) -> Ints:
        """A code of each event's other, which the text column of that name tells.

        Raises:
            KeyError: the state does not hold that column.
        """
        if name != f"{self._other}_id":
            raise KeyError(name)
        others: Ints = self._rows["other"]
        return others

    def distinct(self, name: str, rows: Range) -> Ints:
        """The number of different others in each range."""
        others = self.others(name)
        counts = [
            len(set(others[start:end].tolist()))
            for start, end in zip(rows.start, rows.end, strict=True)
        ]
        return np.array(counts, dtype=np.int64)


@dataclass(frozen=True)
class _Plan:
    """Features of one entity, arranged so that what they share is done once.

    Attributes:
        overs: each kind of range with the stretch of the features that look at it.
        measures: each measure with the stretch of those that differ only in their window.
        windows: of each feature, microseconds.
        defaults: of each feature.
        positions: of each feature in ``FEATURE_NAMES``.
    """

    overs: tuple[tuple[Over, slice], ...]
    measures: tuple[tuple[Measure, slice], ...]
    windows: Ints
    defaults: Floats
    positions: Ints


def _plan(entity: Entity, features: tuple[Feature, ...]) -> _Plan:
    alike: dict[Over, dict[Measure, list[Feature]]] = {}
    for feature in features:
        if feature.entity == entity:
            alike.setdefault(feature.over, {}).setdefault(feature.measure, []).append(feature)
    arranged: list[Feature] = []
    overs: list[tuple[Over, slice]] = []
    measures: list[tuple[Measure, slice]] = []
    for over, by_measure in alike.items():
        first = len(arranged)
        for measure, group in by_measure.items():
            measures.append((measure, slice(len(arranged), len(arranged) + len(group))))
            arranged += group
        overs.append((over, slice(first, len(arranged))))
    return _Plan(
        overs=tuple(overs),
        measures=tuple(measures),
        windows=np.array([f.window // MICROSECOND for f in arranged], dtype=np.int64),
        defaults=np.array([f.default for f in arranged]),
        positions=np.array([_POSITION[f.name] for f in arranged]),
    )


_FLAGS = _plan("customer", FLAGS), _plan("customer_terminal", FLAGS)
_CUSTOMER = _plan("customer", CUSTOMER_PASS), _plan("customer_terminal", CUSTOMER_PASS)
_TERMINAL = _plan("terminal", TERMINAL_FEATURES)


@cache
def kept_history(label_delay: timedelta) -> int:
    """Microseconds of events that the states keep."""
    return history_days(label_delay) * timedelta(days=1) // MICROSECOND


def _measure(events: EntityEvents, row: int, plan: _Plan, label_delay: int, values: Floats) -> None:
    """Write each feature of the plan at a row into its place of ``values``."""
    time = events.time
    now = time[row]

    def after(age: Ints) -> Ints:
        first: Ints = time.searchsorted(now - age, side="right")
        return first

    start, end = np.empty_like(plan.windows), np.empty_like(plan.windows)
    at = np.full_like(plan.windows, row)
    for over, part in plan.overs:
        rows = row_range(over, at[part], plan.windows[part], label_delay, after)
        start[part], end[part] = rows.start, rows.end
    measured = np.empty(len(at))
    for measure, part in plan.measures:
        rows = Range(at[part], start[part], end[part], plan.windows[part])
        measured[part] = measure(events, rows)
    values[plan.positions] = np.where(np.isnan(measured), plan.defaults, measured)


@dataclass(frozen=True)
class FlagChange:
    """A flag of a later event that an event out of order has changed, for that terminal's state."""

    terminal_id: str
    transaction_id: str
    time: int
    flags: int

    def apply(self, terminal: EntityState) -> EntityState:
        """The terminal's state with the flags; the same if it no longer holds the event."""
        row, is_there = terminal.find(self.time, self.transaction_id)
        return terminal.with_value(row, "flags", self.flags) if is_there else terminal


@dataclass(frozen=True)
class Observation:
    """What one transaction gives.

    Attributes:
        features: in the order of ``FEATURE_NAMES``, shape (features,).
        customer: the card's state with the transaction.
        terminal: the terminal's state with the transaction.
        changes: to the states of terminals; empty unless the transaction is out of order.
    """

    features: Floats
    customer: EntityState
    terminal: EntityState
    changes: tuple[FlagChange, ...] = ()


def observe(
    event: Transaction, customer: EntityState, terminal: EntityState, *, label_delay: timedelta
) -> Observation:
    """The features of a transaction, and the states after it.

    A transaction that the states hold already is evaluated again and changes nothing. One that is
    out of order takes its place, so the states are the same in whatever order events arrive, as
    long as none is later than ``history_days`` less the longest lookback.

    Args:
        event: the transaction.
        customer: the state of its card.
        terminal: the state of its terminal.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``exact_amounts`` and ``EntityState.insert``.
    """
    delay = label_delay // MICROSECOND
    values = np.empty(len(FEATURE_NAMES))
    row, repeated = customer.find(event.time, event.transaction_id)
    changes: tuple[FlagChange, ...] = ()
    if not repeated:
        place = (terminal.x, terminal.y)
        customer = customer.insert(row, event, event.terminal_id, place, flags=0)
        changes = _write_flags(customer, row, delay)
    for (events, number), plan in zip(_customer_views(customer, row), _CUSTOMER, strict=True):
        _measure(events, number, plan, delay, values)

    at, repeated = terminal.find(event.time, event.transaction_id)
    if not repeated:
        home, flags = (customer.x, customer.y), int(customer.rows["flags"][row])
        terminal = terminal.insert(at, event, event.customer_id, home, flags)
    own = (terminal.x, terminal.y)
    _measure(StateEvents(terminal.rows, "terminal", own), at, _TERMINAL, delay, values)
    history = kept_history(label_delay)
    return Observation(
        features=values,
        customer=customer.since(int(customer.times[-1]) - history),
        terminal=terminal.since(int(terminal.times[-1]) - history),
        changes=changes,
    )


def _customer_views(customer: EntityState, row: int) -> tuple[tuple[StateEvents, int], ...]:
    """The card's events, and those at the terminal of the row, each with the place of the row."""
    own = (customer.x, customer.y)
    others = customer.rows["other"]
    at_terminal = others == others[row]
    return (
        (StateEvents(customer.rows, "customer", own), row),
        (
            StateEvents(customer.rows[at_terminal], "customer", own),
            int(np.count_nonzero(at_terminal[:row])),
        ),
    )


def _write_flags(customer: EntityState, first: int, label_delay: int) -> tuple[FlagChange, ...]:
    """Set the flags of the rows from ``first``, a new one, on; what changed after it."""
    changes: list[FlagChange] = []
    values = np.empty(len(FEATURE_NAMES))
    for row in range(first, len(customer.rows)):
        for (events, number), plan in zip(_customer_views(customer, row), _FLAGS, strict=True):
            _measure(events, number, plan, label_delay, values)
        flags = sum(bit for name, bit in FLAG_BITS.items() if values[_POSITION[name]] > 0)
        if row > first and flags != customer.rows["flags"][row]:
            transaction_id, terminal_id = customer.ids(row)
            time = int(customer.times[row])
            changes.append(FlagChange(terminal_id, transaction_id, time, flags))
        customer.rows["flags"][row] = flags
    return tuple(changes)
