"""The fraud features of one transaction from the states of its customer and its terminal.

They use the batch's measures over the same ranges of rows, so every value equals the batch's.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from igniteflow_core.features.compute import CUSTOMER_PASS, history_days
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.feature import MICROSECOND
from igniteflow_core.features.one_lookback import OneEntity
from igniteflow_core.features.plan import Plan, plan_of
from igniteflow_core.features.positions import Point
from igniteflow_core.features.state import EntityState, Transaction
from igniteflow_core.features.state_events import FLAG_BITS, StateEvents
from igniteflow_core.features.terminal_features import TERMINAL_FEATURES
from igniteflow_core.features.windows import Floats

_POSITION = {name: number for number, name in enumerate(FEATURE_NAMES)}


class _Plans(NamedTuple):
    """The plans of each entity's features and flags."""

    customer: Plan
    customer_terminal: Plan
    terminal: Plan
    customer_flags: Plan
    customer_terminal_flags: Plan


@cache
def _plans(label_delay: int) -> _Plans:
    return _Plans(
        customer=plan_of("customer", CUSTOMER_PASS, _POSITION, label_delay),
        customer_terminal=plan_of("customer_terminal", CUSTOMER_PASS, _POSITION, label_delay),
        terminal=plan_of("terminal", TERMINAL_FEATURES, _POSITION, label_delay),
        customer_flags=plan_of("customer", FLAGS, _POSITION, label_delay),
        customer_terminal_flags=plan_of("customer_terminal", FLAGS, _POSITION, label_delay),
    )


@cache
def kept_history(label_delay: timedelta) -> int:
    """Microseconds of events that the states keep."""
    return history_days(label_delay) * timedelta(days=1) // MICROSECOND


@dataclass(frozen=True)
class FlagChange:
    """The flags of an event that an earlier, out-of-order event has changed."""

    terminal_id: str
    transaction_id: str
    time: int
    flags: int

    def apply(self, terminal: EntityState) -> EntityState:
        """The terminal's state with the flags; unchanged if it no longer has the event."""
        row, is_there = terminal.find(self.time, self.transaction_id)
        return terminal.with_value(row, "flags", self.flags) if is_there else terminal


@dataclass(frozen=True)
class Observation:
    """The result of one transaction.

    Attributes:
        features: features in the order of ``FEATURE_NAMES``, shape (features,).
        customer: the customer's state with the transaction.
        terminal: the terminal's state with the transaction.
        changes: changes to the states of terminals; empty unless the transaction is out of order.
    """

    features: Floats
    customer: EntityState
    terminal: EntityState
    changes: tuple[FlagChange, ...] = ()


def observe(
    event: Transaction, customer: EntityState, terminal: EntityState, *, label_delay: timedelta
) -> Observation:
    """The features of a transaction, and the states after it.

    A transaction that the states already have is evaluated again and changes nothing. One that is
    out of order is inserted by its time, so the states do not depend on the order of arrival, as
    long as no event is later than ``history_days`` less the longest lookback.

    Args:
        event: the transaction.
        customer: the state of its customer.
        terminal: the state of its terminal.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``EntityState.insert``.
    """
    plans = _plans(label_delay // MICROSECOND)
    values = [0.0] * len(FEATURE_NAMES)
    home, place = home_of(event, customer), place_of(event, terminal)
    row, repeated = customer.find(event.time, event.transaction_id)
    if not repeated:
        customer = customer.insert(row, event, event.terminal_id, place, flags=0)
    customer_events = OneEntity(StateEvents(customer.rows, "customer", home))
    at_terminal = _at_terminal_of(customer, row)
    changes = () if repeated else _write_flags(customer, customer_events, row, at_terminal, plans)
    plans.customer.measure(customer_events, row, values)
    plans.customer_terminal.measure(*at_terminal, values)

    at, repeated = terminal.find(event.time, event.transaction_id)
    if not repeated:
        flags = int(customer.rows["flags"][row])
        terminal = terminal.insert(at, event, event.customer_id, home, flags)
    events = StateEvents(terminal.rows, "terminal", place)
    plans.terminal.measure(OneEntity(events), at, values)
    history = kept_history(label_delay)
    return Observation(
        features=np.array(values),
        customer=customer.since(int(customer.times[-1]) - history),
        terminal=terminal.since(int(terminal.times[-1]) - history),
        changes=changes,
    )


def home_of(event: Transaction, customer: EntityState) -> Point:
    """The customer's home: the transaction's if it has one, otherwise the state's."""
    return customer.position if event.home is None else event.home


def place_of(event: Transaction, terminal: EntityState) -> Point:
    """The terminal's place: the transaction's if it has one, otherwise the state's."""
    return terminal.position if event.place is None else event.place


def _at_terminal_of(customer: EntityState, row: int) -> tuple[OneEntity, int]:
    """The customer's events at the terminal of a row, and the index of the row among them."""
    others = customer.rows["other"]
    there = others == others[row]
    events = StateEvents(customer.rows, "customer", customer.position, only=there)
    return OneEntity(events), int(np.count_nonzero(there[:row]))


def _write_flags(
    customer: EntityState,
    customer_events: OneEntity,
    first: int,
    at_terminal: tuple[OneEntity, int],
    plans: _Plans,
) -> tuple[FlagChange, ...]:
    """Set the flags from the new row ``first`` on, and return the changes of later rows.

    Args:
        customer: the state to change.
        customer_events: the customer's events, whose flags must not have been read before.
        first: the new row.
        at_terminal: the customer's events at that row's terminal, and its index among them.
        plans: plans of the features.
    """
    changes: list[FlagChange] = []
    values = [0.0] * len(FEATURE_NAMES)
    for row in range(first, len(customer.rows)):
        plans.customer_flags.measure(customer_events, row, values)
        there = at_terminal if row == first else _at_terminal_of(customer, row)
        plans.customer_terminal_flags.measure(*there, values)
        flags = sum(bit for name, bit in FLAG_BITS.items() if values[_POSITION[name]] > 0)
        if row > first and flags != customer.rows["flags"][row]:
            transaction_id, terminal_id = customer.ids(row)
            time = int(customer.times[row])
            changes.append(FlagChange(terminal_id, transaction_id, time, flags))
        customer.rows["flags"][row] = flags
    return tuple(changes)
