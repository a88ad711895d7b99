"""An append-only log of JSON lines, in segments that are never changed once they are closed."""

import fcntl
import os
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

OPEN_SUFFIX: Final = ".open"
CLOSED_SUFFIX: Final = ".jsonl"


class AppendLog:
    """Writes one JSON line a record; safe to share by threads, and by processes, which have
    segments of their own.

    A record is in the file when ``append`` returns, so it outlives the process, killed or not. A
    segment that a killed process left open is closed by ``close_abandoned``.

    Args:
        folder: of the segments.
        segment_bytes: a segment is closed when it is as large as that.
        segment_seconds: or as old as that when the next record comes.
    """

    def __init__(self, folder: Path, segment_bytes: int, segment_seconds: float) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._segment_seconds = segment_seconds
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._path = folder
        self._written = 0
        self._opened_at = 0.0
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; dates become RFC 3339 text, arrays lists.

        Raises:
            OSError: the record cannot be written, for example because the disk is full.
        """
        line = orjson.dumps(
            record, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z
        )
        with self._lock:
            if self._descriptor is not None and self._is_full():
                self._close()
            descriptor = self._open() if self._descriptor is None else self._descriptor
            rest = memoryview(line)
            while rest:
                count = os.write(descriptor, rest)
                self._written += count
                rest = rest[count:]

    def close(self) -> None:
        """Close the segment that is open, so that it can be read into its table."""
        with self._lock:
            self._close()

    def close_if_old(self) -> None:
        """Close the open segment if it is old: without new records nobody else would."""
        with self._lock:
            if self._descriptor is not None and self._is_full():
                self._close()

    def _is_full(self) -> bool:
        return (
            self._written >= self._segment_bytes
            or time.monotonic() - self._opened_at >= self._segment_seconds
        )

    def _open(self) -> int:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
        self._path = self._folder / f"{name}{OPEN_SUFFIX}"
        new = self._path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(new, flags, 0o640)
        # Held as long as the process lives, so nobody takes the segment for an abandoned one.
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        new.rename(self._path)
        self._written = 0
        self._opened_at = time.monotonic()
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            self._path.rename(self._path.with_suffix(CLOSED_SUFFIX))


def close_abandoned(folder: Path) -> list[Path]:
    """Close the segments whose process is gone; a last line that was cut short is left out.

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
