"""The recent events of one customer or one terminal, as an online store keeps them."""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.events import require_exact
from igniteflow_core.features.positions import UNKNOWN_POINT, Point
from igniteflow_core.features.windows import Ints
from igniteflow_core.values.own import OwnValue

Rows = NDArray[Any]
"""A structured array of ``ROW``, in the order of time and id."""

UNKNOWN: Final = -1

ROW: Final = np.dtype(
    [
        ("time", "<i8"),  # UTC microseconds
        ("amount", "<f8"),
        ("other", "<i8"),  # a hash of the other entity's id
        ("other_x", "<f8"),
        ("other_y", "<f8"),
        ("other_z", "<f8"),
        ("id_bytes", "<u2"),
        ("other_bytes", "<u2"),
        ("is_fraud", "<i2"),  # UNKNOWN, 0 or 1
        ("flags", "<u2"),  # bit i is FLAGS[i]
    ]
)
_ROW: Final = struct.Struct("<qdqdddHHhH")
"""``ROW`` as a structure, for a single row."""

_LONGEST_ID: Final = 65_535
_HEADER: Final = struct.Struct("<IIddd")
_FORMAT: Final = zlib.crc32(repr((ROW.descr, [flag.name for flag in FLAGS])).encode())


@dataclass(frozen=True)
class Transaction:
    """One transaction, as it is scored.

    Attributes:
        transaction_id: text.
        time: UTC microseconds since 1970.
        customer_id: the customer, such as a card or its holder.
        terminal_id: the terminal, which is the point of sale.
        amount: amount in the source's currency.
        is_fraud: 1, 0, or None while unknown.
        own: the values of a team's own columns.
        home: position of the customer's home, if the source's transactions contain it; None if it
            is kept in the customer's state.
        place: position of the terminal, likewise.
    """

    transaction_id: str
    time: int
    customer_id: str
    terminal_id: str
    amount: float
    is_fraud: int | None = None
    own: Mapping[str, OwnValue] = field(default_factory=dict, hash=False)
    home: Point | None = None
    place: Point | None = None

    @property
    def values(self) -> dict[str, OwnValue]:
        """The ids of customer and terminal, and the own columns, by name."""
        return {"customer_id": self.customer_id, "terminal_id": self.terminal_id, **self.own}


@dataclass(frozen=True)
class EntityState:
    """The recent events of one customer, or of one terminal.

    "The other" is the other side of an event: for a customer the terminal, for a terminal the
    customer.

    Attributes:
        position: position of the entity, if its transactions do not contain it.
        rows: its events.
        texts: UTF-8 of each row's transaction id and the other's id, one after the other.
    """

    position: Point
    rows: Rows
    texts: bytes

    @property
    def times(self) -> Ints:
        """UTC microseconds of each event, ascending."""
        times: Ints = self.rows["time"]
        return times

    def to_bytes(self) -> bytes:
        """Header, rows, texts; ``ROW`` little-endian."""
        return (
            _HEADER.pack(_FORMAT, len(self.rows), *self.position) + self.rows.tobytes() + self.texts
        )

    def ids(self, row: int) -> tuple[str, str]:
        """The transaction id and the other's id of a row."""
        start = self._text_start(row)
        middle = start + int(self.rows["id_bytes"][row])
        end = middle + int(self.rows["other_bytes"][row])
        return self.texts[start:middle].decode(), self.texts[middle:end].decode()

    def find(self, time: int, transaction_id: str) -> tuple[int, bool]:
        """The row of an event, or the row to insert it at, and whether it exists."""
        row = int(np.searchsorted(self.times, time, side="left"))
        while row < len(self.rows) and self.times[row] == time:
            # Code points order text as UTF-8 orders its bytes.
            id_ = self.ids(row)[0]
            if id_ >= transaction_id:
                return row, id_ == transaction_id
            row += 1
        return row, False

    def insert(
        self, row: int, event: Transaction, other_id: str, position: Point, flags: int
    ) -> "EntityState":
        """The state with an event inserted at the row that ``find`` returned.

        Raises:
            PermanentError: an id is longer than 65,535 bytes; see ``require_exact``.
        """
        ids = event.transaction_id.encode(), other_id.encode()
        if max(map(len, ids)) > _LONGEST_ID:
            raise PermanentError(
                "an id is longer than 65,535 bytes",
                where=f"transaction {event.transaction_id[:40]}...",
                fix="send such events to the dead-letter topic",
            )
        require_exact(abs(event.amount))
        label = UNKNOWN if event.is_fraud is None else event.is_fraud
        lengths = map(len, ids)
        new = _ROW.pack(
            event.time, event.amount, id_hash(other_id), *position, *lengths, label, flags
        )
        held, start = self.rows.tobytes(), row * ROW.itemsize
        # Bytes are used because assigning to rows of a structured array costs ten times as much.
        rows = np.frombuffer(bytearray(b"".join((held[:start], new, held[start:]))), ROW)
        at = self._text_start(row)
        return replace(
            self,
            rows=rows,
            texts=b"".join((self.texts[:at], *ids, self.texts[at:])),
        )

    def since(self, time: int) -> "EntityState":
        """The state without the events up to ``time``, UTC microseconds."""
        first = int(np.searchsorted(self.times, time, side="right"))
        if first == 0:
            return self
        return replace(self, rows=self.rows[first:], texts=self.texts[self._text_start(first) :])

    def newest(self, count: int) -> "EntityState":
        """The state with only its newest ``count`` events."""
        first = len(self.rows) - count
        if first <= 0:
            return self
        return replace(self, rows=self.rows[first:], texts=self.texts[self._text_start(first) :])

    def with_value(self, row: int, column: str, value: int) -> "EntityState":
        """The state with a new ``is_fraud`` or ``flags`` in a row."""
        rows = self.rows.copy()
        rows[column][row] = value
        return replace(self, rows=rows)

    def with_label(self, time: int, transaction_id: str, is_fraud: int) -> "EntityState | None":
        """The state with the label of an event, or None if it does not have the event."""
        row, is_there = self.find(time, transaction_id)
        return self.with_value(row, "is_fraud", is_fraud) if is_there else None

    def _text_start(self, row: int) -> int:
        if row == len(self.rows):
            return len(self.texts)
        before = self.rows[:row]
        return int(before["id_bytes"].sum(dtype=np.int64)) + int(
            before["other_bytes"].sum(dtype=np.int64)
        )


def empty_state(position: Point = UNKNOWN_POINT) -> EntityState:
    """The state of an entity without events, at a position."""
    return EntityState(position, np.empty(0, ROW), b"")


def state_from_bytes(data: bytes) -> EntityState:
    """The state that ``to_bytes`` wrote.

    Raises:
        PermanentError: it was written with other flags or columns, or is truncated.
    """
    if len(data) >= _HEADER.size:
        written_as, n, x, y, z = _HEADER.unpack_from(data)
        end = _HEADER.size + n * ROW.itemsize
        if written_as == _FORMAT and end <= len(data):
            rows = np.frombuffer(data, ROW, count=n, offset=_HEADER.size)
            return EntityState((x, y, z), rows, data[end:])
    raise PermanentError(
        "an entity's state was written by another version of the features, or is truncated",
        where="online store",
        fix="stop the stream, materialize online_features again, and restart the stream",
    )


def id_hash(text: str) -> int:
    """A 64-bit hash of an id, the same in every process (BLAKE2b).

    Two others of one entity are counted as one with a probability of 2**-64 per pair.
    """
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
