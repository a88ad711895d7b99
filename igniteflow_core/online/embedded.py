"""The online store in a SQLite file, for one machine."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.store import (
    LINES_BYTES,
    LINES_SECONDS,
    EntityKey,
    EntityKind,
    OnlineSnapshot,
    StoredState,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS states (
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (kind, entity_id)
);
CREATE INDEX IF NOT EXISTS states_by_expiry ON states (expires_at);
CREATE TABLE IF NOT EXISTS completeness (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    complete_until INTEGER NOT NULL
);
"""
_READ = "SELECT payload, as_of FROM states WHERE kind = ? AND entity_id = ? AND expires_at > ?"
_WRITE = """
INSERT INTO states (kind, entity_id, as_of, expires_at, payload) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, entity_id) DO UPDATE SET
    as_of = excluded.as_of, expires_at = excluded.expires_at, payload = excluded.payload
WHERE excluded.as_of >= states.as_of OR states.expires_at <= ?
    OR substr(excluded.payload, 1, 4) <> substr(states.payload, 1, 4)
"""
_APPEND = """
INSERT INTO states (kind, entity_id, as_of, expires_at, payload) VALUES (?, ?, 0, ?, ?)
ON CONFLICT (kind, entity_id) DO UPDATE SET
    expires_at = excluded.expires_at, payload = excluded.payload
"""
_MARK = """
INSERT INTO completeness (only_row, complete_until) VALUES (1, ?)
ON CONFLICT (only_row) DO UPDATE SET
    complete_until = max(complete_until, excluded.complete_until)
"""
_BUSY_SECONDS = 10.0


class EmbeddedOnlineStore:
    """See ``OnlineStore``. Write-ahead logging lets processes read while one of them writes.

    Args:
        path: path of the file; it and its folder are created if they do not exist.
        ttl_seconds: time to live of a state after it was written.

    Raises:
        OnlineStoreError: the file cannot be opened, or is not a database.
    """

    def __init__(self, path: Path, ttl_seconds: int) -> None:
        self._path = path
        self._ttl_seconds = ttl_seconds
        self._write_lock = threading.Lock()
        # Overlapping statements of one connection share a snapshot, which may then be an old one.
        self._read_lock = threading.Lock()
        with self._answering():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = NORMAL")
            self._writer.executescript(_SCHEMA)
            # A separate reader never sees an uncommitted write.
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only = ON")

    def read(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """See ``OnlineStore``."""
        now = int(time.time())
        with self._reading():
            rows = [self._reader.execute(_READ, (*key, now)).fetchone() for key in keys]
            mark = self._reader.execute("SELECT complete_until FROM completeness").fetchone()
        states = [None if row is None else StoredState(row[0], row[1]) for row in rows]
        return OnlineSnapshot(states, None if mark is None else mark[0])

    async def read_async(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """See ``OnlineStore``; a local read takes microseconds, less than a change of threads."""
        return self.read(keys)

    def write(self, states: Mapping[EntityKey, StoredState]) -> int:
        """See ``OnlineStore``; the write is atomic."""
        now = int(time.time())
        rows = (
            (*key, state.as_of, now + self._ttl_seconds, state.payload, now)
            for key, state in states.items()
        )
        with self._writing():
            return self._writer.executemany(_WRITE, rows).rowcount

    async def append_async(self, key: EntityKey, line: bytes) -> None:
        """See ``OnlineStore``; runs in a thread, as a writer may have to wait for another one."""
        await asyncio.to_thread(self._append, key, line)

    def mark_complete(self, until: int) -> None:
        """See ``OnlineStore``; also removes expired states."""
        with self._writing():
            self._writer.execute(_MARK, (until,))
            self._writer.execute("DELETE FROM states WHERE expires_at <= ?", (int(time.time()),))

    def count(self, kind: EntityKind) -> int:
        """See ``OnlineStore``."""
        query = "SELECT count(*) FROM states WHERE kind = ? AND expires_at > ?"
        with self._reading():
            return int(self._reader.execute(query, (kind, int(time.time()))).fetchone()[0])

    def check(self) -> None:
        """See ``OnlineStore``."""
        with self._reading():
            self._reader.execute("SELECT 1 FROM states LIMIT 1").fetchone()

    async def check_async(self) -> None:
        """See ``OnlineStore``."""
        self.check()

    def close(self) -> None:
        """See ``OnlineStore``."""
        self._reader.close()
        self._writer.close()

    def _append(self, key: EntityKey, line: bytes) -> None:
        now = int(time.time())
        with self._writing():
            # The lock is taken before the read, so that no other process writes in between.
            self._writer.execute("BEGIN IMMEDIATE")
            held = self._writer.execute(_READ, (*key, now)).fetchone()
            lines = b"" if held is None else held[0]
            if len(lines) + len(line) > LINES_BYTES:
                lines = lines[len(lines) // 2 :].partition(b"\n")[2]
            self._writer.execute(_APPEND, (*key, now + LINES_SECONDS, lines + line))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._answering(), self._read_lock:
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._answering(), self._write_lock, self._writer:
            yield

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise OnlineStoreError(
                f"the embedded online store does not respond: {error}",
                where=str(self._path),
                fix="check that the file is writable, not corrupt, and on a local disk",
            ) from error
