"""The online store on a Redis 7 server."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from igniteflow_core.config.online import RedisSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.breaker import CircuitBreaker
from igniteflow_core.online.store import (
    LINES_BYTES,
    LINES_SECONDS,
    EntityKey,
    EntityKind,
    OnlineSnapshot,
    StoredState,
)

_HEADER = struct.Struct(">q")
"""A value is the state's ``as_of`` and then its payload."""

_WRITE_IF_NEWER = """
local stored = 0
for i, key in ipairs(KEYS) do
    local held, new = redis.call('GETRANGE', key, 0, 11), ARGV[i + 1]
    if #held < 8 or struct.unpack('>i8', held) <= struct.unpack('>i8', new)
        or held:sub(9) ~= new:sub(9, 12) then
        redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1])
        stored = stored + 1
    end
end
return stored
"""
_MARK_IF_LATER = """
local held = redis.call('GET', KEYS[1])
if not held or tonumber(held) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
"""
_APPEND = """
local lines = redis.call('GETRANGE', KEYS[1], 8, -1)
if #lines + #ARGV[2] > tonumber(ARGV[3]) then
    lines = lines:sub(math.floor(#lines / 2))
    lines = lines:sub((lines:find('\\n', 1, true) or #lines) + 1)
end
redis.call('SET', KEYS[1], struct.pack('>i8', 0) .. lines .. ARGV[2], 'EX', ARGV[1])
"""
_WRITE_BATCH = 500
_RETRIES = 1
"""One retry covers a dropped connection; further retries are up to the caller."""


class RedisOnlineStore:
    """See ``OnlineStore``: one string per state, read with MGET, written by a script.

    Args:
        settings: settings of the server.
        namespace: prefix of every key.
        ttl_seconds: time to live of a state after it was written.
    """

    def __init__(self, settings: RedisSettings, namespace: str, ttl_seconds: int) -> None:
        self._where = f"redis://{settings.host}:{settings.port}/{settings.database}"
        self._namespace = namespace
        self._ttl_seconds = ttl_seconds
        # Neither client opens a connection before its first use.
        self._client = redis.Redis(
            ssl=settings.tls, **_connection(settings), retry=Retry(NoBackoff(), _RETRIES)
        )
        # The pool blocks, so that requests wait for a free connection instead of failing.
        pool = redis.asyncio.BlockingConnectionPool(
            connection_class=(
                redis.asyncio.SSLConnection if settings.tls else redis.asyncio.Connection
            ),
            timeout=settings.timeout,
            retry=AsyncRetry(NoBackoff(), _RETRIES),
            **_connection(settings),
        )
        self._async_client = redis.asyncio.Redis(connection_pool=pool)
        self._breaker = CircuitBreaker()
        self._write_if_newer = self._client.register_script(_WRITE_IF_NEWER)
        self._append = self._async_client.register_script(_APPEND)
        self._mark_if_later = self._client.register_script(_MARK_IF_LATER)

    def read(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """See ``OnlineStore``."""
        with self._answering():
            return _snapshot(self._client.mget(self._names(keys)))

    async def read_async(self, keys: Sequence[EntityKey]) -> OnlineSnapshot:
        """See ``OnlineStore``; while the server is unavailable, one call per second tries it."""
        if not self._breaker.lets_through():
            raise self._error("its last calls failed, and the next attempt is not due yet")
        try:
            with self._answering():
                values = await self._async_client.mget(self._names(keys))
        except OnlineStoreError:
            self._breaker.failed()
            raise
        self._breaker.answered()
        return _snapshot(values)

    def write(self, states: Mapping[EntityKey, StoredState]) -> int:
        """See ``OnlineStore``; in batches, of which those before an error remain stored."""
        waiting = iter(states.items())
        stored = 0
        with self._answering():
            while batch := list(islice(waiting, _WRITE_BATCH)):
                values = [_HEADER.pack(state.as_of) + state.payload for _, state in batch]
                stored += self._write_if_newer(
                    keys=[self._name(key) for key, _ in batch],
                    args=[self._ttl_seconds, *values],
                )
        return stored

    async def append_async(self, key: EntityKey, line: bytes) -> None:
        """See ``OnlineStore``."""
        with self._answering():
            await self._append(keys=[self._name(key)], args=[LINES_SECONDS, line, LINES_BYTES])

    def mark_complete(self, until: int) -> None:
        """See ``OnlineStore``."""
        with self._answering():
            self._mark_if_later(keys=[self._completeness], args=[until])

    def count(self, kind: EntityKind) -> int:
        """See ``OnlineStore``; scans the keys without blocking the server."""
        pattern = f"{self._namespace}:{kind}:*"
        with self._answering():
            # A scan may return a key twice while the server rehashes its table.
            return len(set(self._client.scan_iter(match=pattern, count=10_000)))

    def check(self) -> None:
        """See ``OnlineStore``."""
        with self._answering():
            self._client.ping()

    async def check_async(self) -> None:
        """See ``OnlineStore``."""
        with self._answering():
            await self._async_client.ping()

    def close(self) -> None:
        """See ``OnlineStore``; the event loop's connections close with the process."""
        self._client.close()

    @property
    def _completeness(self) -> str:
        return f"{self._namespace}:complete_until"

    def _name(self, key: EntityKey) -> str:
        return f"{self._namespace}:{key.kind}:{key.entity_id}"

    def _names(self, keys: Sequence[EntityKey]) -> list[str]:
        return [*map(self._name, keys), self._completeness]

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise self._error(f"{type(error).__name__}: {error}") from error

    def _error(self, why: str) -> OnlineStoreError:
        return OnlineStoreError(
            f"Redis does not respond: {why}",
            where=self._where,
            fix="check that the server is up, that online.redis names it, and that its access "
            "control list allows this user to read and write the keys of online.namespace",
        )


def _connection(settings: RedisSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "db": settings.database,
        "username": settings.username,
        "password": settings.password.get_secret_value() if settings.password else None,
        "max_connections": settings.max_connections,
        "socket_connect_timeout": settings.connect_timeout,
        "socket_timeout": settings.timeout,
    }
    if settings.tls:
        options |= {
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
            "ssl_ca_certs": settings.ca_file,
            "ssl_certfile": settings.certificate_file,
            "ssl_keyfile": settings.key_file,
        }
    return options


def _snapshot(values: list[Any]) -> OnlineSnapshot:
    *states, mark = values
    return OnlineSnapshot(
        [None if value is None else _state(value) for value in states],
        None if mark is None else int(mark),
    )


def _state(value: bytes) -> StoredState:
    return StoredState(value[_HEADER.size :], _HEADER.unpack_from(value)[0])
