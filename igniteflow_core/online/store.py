"""The interface of an online store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias

EntityKind: TypeAlias = str
"""``customer``, ``terminal``, ``user``, ``user_events``, ``catalogue``, or an ``own_kind``."""

LINES_DAYS: Final = 7
"""Time to live of an entity's lines after the last one; a batch counts them before that."""

LINES_SECONDS: Final = LINES_DAYS * 86_400

LINES_BYTES: Final = 16_384
"""Maximum size of one entity's lines, which is about a hundred of them."""


def own_kind(name: str) -> EntityKind:
    """The kind of a declared entity of that name."""
    return f"own.{name}"


class EntityKey(NamedTuple):
    """The key of a state."""

    kind: EntityKind
    entity_id: str


@dataclass(frozen=True, slots=True)
class StoredState:
    """One entity's state, as bytes that only the features package reads.

    Attributes:
        payload: the state; its first four bytes identify its format.
        as_of: UTC microseconds since 1970 of the newest event in it.
    """

    payload: bytes
    as_of: int


@dataclass(frozen=True, slots=True)
class OnlineSnapshot:
    """The result of one read.

    Attributes:
        states: state of each requested key, or None if the store has none.
        complete_until: UTC microseconds up to which the events of every entity are in the store,
            or None if nothing was ever materialized.
    """

    states: list[StoredState | None]
    complete_until: int | None

    def age_seconds(self, event_time: int) -> float | None:
        """The time from ``complete_until`` to the event, at least 0; None if the store is empty.

        An entity's own newest event does not define the age, because the entity may be inactive.

        Args:
            event_time: UTC microseconds.
        """
        if self.complete_until is None:
            return None
        return max(0, event_time - self.complete_until) / 1_000_000


class OnlineStore(Protocol):
    """States of entities. Every method raises OnlineStoreError if the store does not respond."""

    def read(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """The states of these entities, in one round trip."""

    async def read_async(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """``read`` for an event loop, without blocking it."""

    def write(self, states: Mapping[EntityKey, StoredState]) -> int:
        """Store these states for the settings' time to live.

        A state never replaces one with a newer ``as_of``, so writers may overlap and repeat. It
        does replace one of another format, whatever its age, because such a state cannot be read
        after an upgrade, and the stream may have written it later than the batch that replaces it.

        Returns:
            The number of stored states; the others were older than the existing ones.
        """

    async def append_async(self, key: EntityKey, line: bytes) -> None:
        """Add a line to the payload of the entity, which is created if it does not exist.

        Writers never lose each other's lines. The oldest half is removed if there would be more
        than ``LINES_BYTES``, and all lines expire ``LINES_DAYS`` after the last one.

        Args:
            key: key of an entity whose payload is lines.
            line: the line, which ends with a line feed.
        """

    def mark_complete(self, until: int) -> None:
        """Record that all events up to ``until``, UTC microseconds, are stored; never lowered."""

    def count(self, kind: EntityKind) -> int:
        """The number of entities of that kind that have a state."""

    def check(self) -> None:
        """Check that the store responds."""

    async def check_async(self) -> None:
        """``check`` for an event loop."""

    def close(self) -> None:
        """Close the connections; no read may be in progress."""
