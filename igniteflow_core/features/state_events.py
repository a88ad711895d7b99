"""The columns of an entity's state."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.events import Range, minor_units
from igniteflow_core.features.positions import AXES, Point
from igniteflow_core.features.state import Rows
from igniteflow_core.features.windows import Bools, Floats, Ints

FLAG_BITS = {flag.name: 1 << bit for bit, flag in enumerate(FLAGS)}
"""The bit of each flag in the column ``flags``."""


OTHER: Final = {"customer": "terminal", "terminal": "customer", "entity": "counted"}
"""The other side of an event that a state keeps; for a declared entity, the counted value."""


class StateEvents:
    """``EntityEvents`` of one entity's state.

    Args:
        rows: its events; their amounts have passed ``require_exact``.
        kind: ``customer``, ``terminal``, or ``entity`` for a declared entity.
        own: ``AXES`` of the entity's position, or of its position at each row.
        only: mask of the rows to use, shape (rows,); None for all.
    """

    def __init__(
        self,
        rows: Rows,
        kind: str,
        own: Point | Floats,
        only: Bools | None = None,
    ) -> None:
        self._rows = rows
        self._only = only
        self._kind = kind
        self._own = own
        self._other = OTHER[kind]
        self.time: Ints = np.ascontiguousarray(self._column("time"))

    @cached_property
    def amount(self) -> Ints:
        """Amounts in 1/10,000 of the currency."""
        return minor_units(self._column("amount"))

    @cached_property
    def is_known(self) -> Bools:
        """Whether the event's label is there at all."""
        known: Bools = self._column("is_fraud") >= 0
        return known

    @cached_property
    def is_fraud(self) -> Bools:
        """Whether the event's label is there and says fraud."""
        fraud: Bools = self._column("is_fraud") == 1
        return fraud

    def floats(self, name: str) -> Floats:
        """The amounts or a coordinate of each event; NaN for unknown."""
        if name == "amount":
            values: Floats = self._column("amount")
            return values
        owner, axis = name.rsplit("_", 1)
        if owner == self._kind:
            return np.full(len(self.time), self._own[AXES.index(axis)])
        coordinate: Floats = self._column(f"other_{axis}")
        return coordinate

    def flags(self, name: str) -> Bools:
        """A flag of each event."""
        flagged: Bools = (self._column("flags") & FLAG_BITS[name]) != 0
        return flagged

    def others(self, name: str) -> Ints:
        """A code of each event's other, instead of the text column of that name.

        Raises:
            KeyError: the state does not have that column.
        """
        if name != f"{self._other}_id":
            raise KeyError(name)
        others: Ints = self._column("other")
        return others

    def distinct(self, name: str, rows: Range) -> Ints:
        """The number of distinct others in each range."""
        others = self.others(name)
        counts = [
            len(set(others[start:end].tolist()))
            for start, end in zip(rows.start, rows.end, strict=True)
        ]
        return np.array(counts, dtype=np.int64)

    def _column(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self._rows[name]
        return column if self._only is None else column[self._only]
