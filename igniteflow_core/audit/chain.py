"""A chain of entries, each sealed with the hash of the one before it.

As in Haber and Stornetta (1991), "How to time-stamp a digital document": whoever changes, removes
or inserts an entry has to change every hash after it, so the last hash, noted elsewhere, vouches
for all of them.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

FIRST_PREVIOUS_HASH: Final = "0" * 64
"""The previous hash of the first entry."""


@dataclass(frozen=True)
class AuditEvent:
    """Something that happened.

    Attributes:
        event_id: unique identifier; each event is recorded once.
        happened_at: UTC microseconds since 1970.
        event: "materialized", "check passed" or "check failed".
        subject: name of the asset, or of the asset and its check.
        run_id: Dagster's run; empty for an event that was reported without a run.
        job: job of that run.
        actor: who or what started the run.
        code_version: version of IgniteFlow in that run.
        model_version: version in the registry, if the event is about a model.
        facts: metadata of the event, as JSON.
    """

    event_id: str
    happened_at: int
    event: str
    subject: str
    run_id: str
    job: str
    actor: str
    code_version: str
    model_version: str | None
    facts: str


@dataclass(frozen=True)
class AuditEntry(AuditEvent):
    """An event at its position in the chain; ``sequence`` counts from 1."""

    sequence: int
    previous_hash: str
    hash: str


def sealed(event: AuditEvent, sequence: int, previous_hash: str) -> AuditEntry:
    """The event as the entry at that position."""
    content = {name: getattr(event, name) for name in AuditEvent.__dataclass_fields__}
    return AuditEntry(
        **content,
        sequence=sequence,
        previous_hash=previous_hash,
        hash=_hash(content, sequence, previous_hash),
    )


def chained(events: Sequence[AuditEvent], last: AuditEntry | None) -> list[AuditEntry]:
    """The events as the entries that follow ``last``, or that begin the chain."""
    entries = []
    for event in events:
        sequence = last.sequence + 1 if last else 1
        last = sealed(event, sequence, last.hash if last else FIRST_PREVIOUS_HASH)
        entries.append(last)
    return entries


def first_broken(
    entries: Iterable[AuditEntry], after: int = 0, previous_hash: str = FIRST_PREVIOUS_HASH
) -> str | None:
    """Where a chain was altered and how, or None if it is whole.

    Args:
        entries: all of it, or those after an entry that was noted, in the order of their sequence.
        after: the sequence of the noted entry.
        previous_hash: its hash.
    """
    expected = after + 1
    for entry in entries:
        if entry.sequence != expected:
            return f"entry {expected} is missing or doubled: the next one is {entry.sequence}"
        if entry.previous_hash != previous_hash:
            return f"entry {entry.sequence} does not follow the one before it"
        content = {name: getattr(entry, name) for name in AuditEvent.__dataclass_fields__}
        if entry.hash != _hash(content, entry.sequence, previous_hash):
            return f"entry {entry.sequence} was altered after it was written"
        expected, previous_hash = expected + 1, entry.hash
    return None


def _hash(content: dict[str, object], sequence: int, previous_hash: str) -> str:
    sealed_content = content | {"sequence": sequence, "previous_hash": previous_hash}
    text = json.dumps(sealed_content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
