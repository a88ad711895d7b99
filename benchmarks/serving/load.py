"""An open-loop load: requests are sent on schedule, independent of earlier responses."""

import asyncio
import gc
import itertools
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

Ask: TypeAlias = tuple[str, bytes]
"""The path and body of a request."""

_HEADER_END = b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.answer: asyncio.Future[int] | None = None
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's class is no subclass

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(_HEADER_END)
        if end < 0 or self.answer is None:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self.buffer) >= end + 4 + length:
            status = int(head[9:12])
            self.buffer = b""
            answer, self.answer = self.answer, None
            if not answer.done():
                answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(0)


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds from the planned time to the last byte of the response."""

    rate: float
    latencies: np.ndarray
    statuses: np.ndarray
    """HTTP status codes; 0 if the connection was lost."""

    def row(self) -> str:
        p50, p99, p999 = np.quantile(self.latencies, (0.5, 0.99, 0.999))
        errors = int((self.statuses != 200).sum())
        return (
            f"{self.rate:,.0f} | {len(self.latencies):,} | {p50:.1f} | {p99:.1f} | {p999:.1f} | "
            f"{errors}"
        )


async def open_loop(
    ports: Sequence[int],
    asks: Sequence[Ask],
    rate: float,
    requests: int,
    headers: bytes = b"",
) -> Measured:
    """Send requests at a rate over as many keep-alive connections as necessary.

    Connections are distributed evenly over the ports, as a load balancer distributes them.

    Args:
        ports: ports of the replicas.
        asks: requests to send in turn.
        rate: requests per second.
        requests: number of requests.
        headers: additional header lines of each request, with line ends.
    """
    loop = asyncio.get_running_loop()
    next_port = itertools.cycle(ports)
    # The least recently used connection is next, so that the replicas take turns.
    idle: deque[_Connection] = deque()
    latencies = np.zeros(requests)
    statuses = np.zeros(requests, dtype=np.int64)

    async def connect() -> _Connection:
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", next(next_port))
        return connection

    async def one(number: int, planned: float) -> None:
        connection = idle.popleft() if idle else await connect()
        while connection.is_lost:
            connection = idle.popleft() if idle else await connect()
        path, body = asks[number % len(asks)]
        connection.answer = loop.create_future()
        answer = connection.answer
        assert connection.transport is not None
        connection.transport.write(
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s"
            b"Content-Length: %d\r\n\r\n%s" % (path.encode(), headers, len(body), body)
        )
        statuses[number] = await answer
        latencies[number] = (time.perf_counter() - planned) * 1_000
        idle.append(connection)

    idle += [await connect() for _ in range(8)]
    # Garbage collection in this process would be measured as latency of the server.
    gc.collect()
    gc.disable()
    started = time.perf_counter() + 0.05
    waiting = []
    for number in range(requests):
        planned = started + number / rate
        delay = planned - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        waiting.append(asyncio.ensure_future(one(number, planned)))
    await asyncio.gather(*waiting)
    gc.enable()
    for connection in idle:
        if connection.transport is not None:
            connection.transport.close()
    return Measured(rate, latencies, statuses)
