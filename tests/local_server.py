"""Real servers that can be killed and started again on what they left behind."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_UP_WITHIN_SECONDS = 300.0
_GONE_WITHIN_SECONDS = 30.0
# Below the kernel's range of temporary ports, above those of well-known servers.
_PORTS = (20_000, 32_000)
# A seed that a test sets does not count, so that processes do not choose the same ones.
_RANDOM = random.SystemRandom()


@dataclass
class Server:
    """A program that answers on a port of this machine; it leads its own group of processes.

    Attributes:
        user: who runs it; whoever runs this, if None.
        is_up: whether it does its work; that it takes connections, if None.
        folder: that it runs in; its log's, if None.
        variables: of its environment, besides those of whoever runs this.
    """

    command: Sequence[str | Path]
    port: int
    log: Path
    user: str | None = None
    is_up: Callable[[], bool] | None = None
    folder: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it is up.

        Raises:
            TimeoutError: it does not within five minutes.
        """
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd=self.folder or self.log.parent,
                env={**os.environ, **self.variables},
                user=self.user,
            )
        deadline = time.monotonic() + _UP_WITHIN_SECONDS
        is_up = self.is_up or self._answers
        while not is_up():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"it does not start: {self.log.read_text()[-2_000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to it and to all that it has started."""
        if self.process is not None and self.process.poll() is None:
            # PostgreSQL's processes are each of a group of their own.
            started = psutil.Process(self.process.pid).children(recursive=True)
            os.killpg(self.process.pid, signal.SIGKILL)
            for each in started:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            self.process.wait()
            psutil.wait_procs(started, timeout=_GONE_WITHIN_SECONDS)

    def _answers(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server, started, and killed at the end."""
    try:
        server.start()
        yield server
    finally:
        server.kill()


def free_port() -> int:
    """A port that nothing listens on, and that the kernel gives to no outgoing connection."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Ports that differ from each other."""
    with ExitStack() as stack:
        free: list[int] = []
        while len(free) < count:
            # The kernel's own choice could be gone again by the time that a server starts.
            port = _RANDOM.randint(*_PORTS)
            with suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                free.append(port)
        return free
