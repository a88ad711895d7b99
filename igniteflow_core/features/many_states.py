"""The events of many states of one kind, as the measures of a micro-batch read them."""

from collections.abc import Iterable

import numpy as np

from igniteflow_core.features.events import Range
from igniteflow_core.features.state import ROW, EntityState
from igniteflow_core.features.state_events import StateEvents
from igniteflow_core.features.windows import (
    EntityTimeline,
    Floats,
    Ints,
    distinct_up_to_row,
    previous_occurrence,
)


class ManyStates(StateEvents):
    """``SortedEvents`` of many states of one kind, one after the other.

    Args:
        states: at least one event in all.
        kind: kind of the states, see ``StateEvents``.
        positions: position of the entity at each row, shape (rows, 3).
        by_other: whether the events of one state are grouped by their others.
        most: maximum number of a state's newest events in a window; None for all.
    """

    def __init__(
        self,
        states: Iterable[EntityState],
        kind: str,
        positions: Floats,
        *,
        by_other: bool = False,
        most: int | None = None,
    ) -> None:
        states = list(states)
        # ``np.concatenate`` would compare the columns of every array, field by field.
        rows = np.frombuffer(b"".join([state.rows.tobytes() for state in states]), ROW)
        state_number = np.repeat(np.arange(len(states)), [len(state.rows) for state in states])
        self.order: Ints = np.arange(len(rows))
        if by_other:
            self.order = np.lexsort((self.order, rows["other"], state_number))
            rows, state_number = rows[self.order], state_number[self.order]
        super().__init__(rows, kind, positions[self.order].T)
        changes = np.diff(state_number, prepend=0) != 0
        if by_other:
            changes[1:] |= rows["other"][1:] != rows["other"][:-1]
        self._entity: Ints = np.cumsum(changes)
        self.timeline = EntityTimeline(self._entity, self.time, most)

    def distinct(self, name: str, rows: Range) -> Ints:
        """The number of distinct others in each range; it must end at its row."""
        previous = previous_occurrence(self._entity, self.others(name))
        start = self.timeline.after(rows.window, np.arange(len(self.order)))
        return distinct_up_to_row(previous, start)[rows.at]
