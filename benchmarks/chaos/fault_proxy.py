"""A proxy before an HTTP server that delays, cuts or refuses some of its connections."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

_SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: 68\r\n\r\n"
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message/></Error>\r\n"
)
_CHUNK = 16_384
FAULTS = ("refused", "unavailable", "cut short", "delayed")


@dataclass
class FaultProxy:
    """Disturbs this share of its connections; ``met`` counts the faults."""

    target: tuple[str, int]
    chance: random.Random
    share: float = 0.0
    delay_seconds: float = 1.0
    met: Counter[str] = field(default_factory=Counter)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        fault = self.chance.choice(FAULTS) if self.chance.random() < self.share else None
        if fault:
            self.met[fault] += 1
        with closing(client), suppress(OSError):
            if fault == "refused":
                return
            if fault == "unavailable":
                client.recv(_CHUNK)
                client.sendall(_SLOW_DOWN)
                return
            if fault == "delayed":
                time.sleep(self.delay_seconds)
            with closing(socket.create_connection(self.target, timeout=60)) as server:
                left = self.chance.randrange(2_000) if fault == "cut short" else None
                threading.Thread(target=_pump, args=(client, server, None), daemon=True).start()
                _pump(server, client, left)


def _pump(source: socket.socket, target: socket.socket, left: int | None) -> None:
    """Copy until the end, or until so many bytes have passed."""
    with suppress(OSError):
        while data := source.recv(_CHUNK if left is None else min(_CHUNK, left)):
            target.sendall(data)
            if left is not None:
                left -= len(data)
                if left <= 0:
                    return
        target.shutdown(socket.SHUT_WR)


@contextmanager
def fault_proxy(host: str, port: int, chance: random.Random) -> Iterator[FaultProxy]:
    """A proxy before that server, without faults until its ``share`` is set."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        proxy = FaultProxy((host, port), chance, port=listener.getsockname()[1])
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
