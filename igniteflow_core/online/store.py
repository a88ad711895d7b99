"""What an online store promises, whatever holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias

EntityKind: TypeAlias = str
"""``customer``, ``terminal``, ``user``, ``user_events``, ``catalogue``, or an ``own_kind``."""

LINES_DAYS: Final = 7
"""How long an entity's lines stay after the last one; until then a batch has counted them."""

LINES_BYTES: Final = 16_384
"""The most that is kept of one entity's lines: a hundred of them or so."""


def own_kind(name: str) -> EntityKind:
    """The kind of an entity that a team declares by that name."""
    return f"own.{name}"


class EntityKey(NamedTuple):
    """Whose state it is."""

    kind: EntityKind
    entity_id: str


@dataclass(frozen=True, slots=True)
class StoredState:
    """One entity's state, as bytes that only the features package reads.

    Attributes:
        payload: the state; its first four bytes tell the format that it is written in.
        as_of: UTC microseconds since 1970 of the newest event in it.
    """

    payload: bytes
    as_of: int


@dataclass(frozen=True, slots=True)
class OnlineSnapshot:
    """What one read found.

    Attributes:
        states: of each asked key, None where the store holds none.
        complete_until: UTC microseconds up to which the events of every entity are in the store,
            or None if nothing was ever materialized.
    """

    states: list[StoredState | None]
    complete_until: int | None

    def age_seconds(self, event_time: int) -> float | None:
        """How long before the event the store ends, 0 if it does not; None if it is empty.

        An entity's own newest event says nothing about age: it may simply have been quiet.

        Args:
            event_time: UTC microseconds.
        """
        if self.complete_until is None:
            return None
        return max(0, event_time - self.complete_until) / 1_000_000


class OnlineStore(Protocol):
    """States of entities. Every method raises OnlineStoreError if the store does not answer."""

    def read(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """The states of these entities, in one round trip."""

    async def read_async(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """As ``read``, for an event loop, which it does not hold up."""

    def write(self, states: Mapping[EntityKey, StoredState]) -> int:
        """Store these states for the settings' time to live.

        A state never replaces one with a newer ``as_of``, so writers may overlap and repeat. But
        it replaces one of another format whatever that one's age, as nobody could read it after
        an upgrade, and the stream may have written it later than the batch that mends it.

        Returns:
            How many were stored; the others were older than what is there.
        """

    async def append_async(self, key: EntityKey, line: bytes) -> None:
        """Add a line to the payload of the entity, which is made if need be.

        Writers never lose each other's lines. The oldest half goes where there would be more than
        ``LINES_BYTES``, and all of them ``LINES_DAYS`` after the last one.

        Args:
            key: of an entity whose payload is lines.
            line: which ends with a line feed.
        """

    def mark_complete(self, until: int) -> None:
        """Say that all events up to ``until``, UTC microseconds, are in; it never goes back."""

    def count(self, kind: EntityKind) -> int:
        """How many entities of that kind have a state."""

    def check(self) -> None:
        """Ask the store for an answer."""

    async def check_async(self) -> None:
        """As ``check``, for an event loop."""

    def close(self) -> None:
        """Give connections back; call it from where no read is under way."""
