"""An append-only log of JSON lines, in segments that are never changed once they are closed."""

import fcntl
import logging
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

OPEN_SUFFIX: Final = ".open"
CLOSED_SUFFIX: Final = ".jsonl"

_log = logging.getLogger("igniteflow.decisions")


class DecisionLog(Protocol):
    """The interface of a decision log."""

    def append(self, record: dict[str, Any]) -> None:
        """Write one record."""

    def close(self) -> None:
        """Close the log."""

    def close_if_old(self) -> None:
        """Close an old open segment if no new records arrive."""


class AppendLog:
    """Writes one JSON line per record; it is thread-safe, and each process has its own segments.

    A record is in the file when ``append`` returns, so it survives if the process is killed.
    ``close_abandoned`` closes a segment that a killed process left open. A full segment is flushed
    to the disk in a background thread, as that can take longer than a request may wait.

    Args:
        folder: folder of the segments.
        segment_bytes: size at which a segment is closed.
        segment_seconds: age at which a segment is closed when the next record arrives.
    """

    def __init__(self, folder: Path, segment_bytes: int, segment_seconds: float) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._segment_seconds = segment_seconds
        self._lock = threading.Lock()
        self._closer = ThreadPoolExecutor(1, "segment-closer")
        self._descriptor: int | None = None
        self._path = folder
        self._written = 0
        self._opened_at = 0.0
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; dates become RFC 3339 text, and arrays become lists.

        Raises:
            OSError: the record cannot be written, for example because the disk is full.
        """
        line = orjson.dumps(
            record, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z
        )
        with self._lock:
            full = self._take_if_full()
            descriptor = self._open() if self._descriptor is None else self._descriptor
            rest = memoryview(line)
            while rest:
                count = os.write(descriptor, rest)
                self._written += count
                rest = rest[count:]
        if full is not None:
            self._closer.submit(_close_or_log, full)

    def close(self) -> None:
        """Close every segment, so that they can be loaded into their table."""
        with self._lock:
            last = self._take()
        self._closer.shutdown()
        if last is not None:
            _close(last)

    def close_if_old(self) -> None:
        """Close the open segment if it is old; ``append`` does so only when a record arrives."""
        with self._lock:
            full = self._take_if_full()
        if full is not None:
            _close_or_log(full)

    def _take_if_full(self) -> "_Segment | None":
        age = time.monotonic() - self._opened_at
        is_full = self._written >= self._segment_bytes or age >= self._segment_seconds
        return self._take() if is_full else None

    def _take(self) -> "_Segment | None":
        if self._descriptor is None:
            return None
        taken, self._descriptor = _Segment(self._descriptor, self._path), None
        return taken

    def _open(self) -> int:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
        self._path = self._folder / f"{name}{OPEN_SUFFIX}"
        new = self._path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(new, flags, 0o640)
        # The lock is held while the process lives, so the segment does not count as abandoned.
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        new.rename(self._path)
        self._written = 0
        self._opened_at = time.monotonic()
        return self._descriptor


class UnkeptLog:
    """A log that discards all records, for requests that are recorded elsewhere."""

    def append(self, record: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def close_if_old(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class _Segment:
    descriptor: int
    path: Path


def _close(segment: _Segment) -> None:
    try:
        os.fsync(segment.descriptor)
        segment.path.rename(segment.path.with_suffix(CLOSED_SUFFIX))
    finally:
        os.close(segment.descriptor)


def _close_or_log(segment: _Segment) -> None:
    try:
        _close(segment)
    except OSError:
        _log.exception("a segment stays open until the next start: %s", segment.path)


def close_abandoned(folder: Path) -> list[Path]:
    """Close the segments of ended processes; an incomplete last line is removed.

    Returns:
        The closed segments.
    """
    closed = []
    for path in sorted(folder.glob(f"*{OPEN_SUFFIX}")):
        with path.open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
            final = path.with_suffix(CLOSED_SUFFIX)
            path.rename(final)
            closed.append(final)
    return closed
