"""Real servers that can be killed and started again on what they left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from benchmarks.ports import free_port
from tests.postgres_server import PASSWORD, USER, Postgres, _binaries

_UP_WITHIN_SECONDS = 300.0


@dataclass
class Server:
    """A program that answers on a port of this machine; it leads its own group of processes."""

    command: Sequence[str | Path]
    port: int
    log: Path
    user: str | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            TimeoutError: it does not within five minutes.
        """
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - a server of this machine
                [str(part) for part in self.command],
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self.user,
                cwd=self.log.parent,
            )
        deadline = time.monotonic() + _UP_WITHIN_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"it does not start: {self.log.read_text()[-2_000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to all of its processes."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

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


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    """Redis that keeps nothing on disk: after a kill it is empty, as a cache is."""
    program, port = shutil.which("redis-server"), free_port()
    if program is None:
        raise FileNotFoundError("redis-server is missing: apt-get install redis-server")
    options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder)
    with running(
        Server([program, "--port", str(port), *options], port, folder / "redis.log")
    ) as server:
        yield server


@contextmanager
def mlflow(folder: Path) -> Iterator[Server]:
    """MLflow's tracking server and registry, as the chart starts it, on SQLite."""
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"), "--serve-artifacts",
    ]  # fmt: skip
    with running(Server(command, port, folder / "mlflow.log")) as server:
        yield server


@contextmanager
def postgres() -> Iterator[tuple[Server, Postgres]]:
    """PostgreSQL, which after a kill recovers from its write-ahead log."""
    binaries, port = _binaries(), free_port()
    # PostgreSQL refuses to run as root, and its own user cannot enter the folders of root.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="igniteflow-postgres-"))
    password = folder / "password"
    password.write_text(PASSWORD)
    if user:
        shutil.chown(folder, user)
        shutil.chown(password, user)
    subprocess.run(  # noqa: S603 - PostgreSQL's own command
        [binaries / "initdb", f"--pgdata={folder / 'data'}", f"--username={USER}",
         f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"],
        user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    # A killed process loses nothing that it has written, synchronised or not.
    command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port),
               "-k", folder, "-c", "fsync=off"]  # fmt: skip
    try:
        with running(Server(command, port, folder / "postgres.log", user)) as server:
            yield server, Postgres(port)
    finally:
        shutil.rmtree(folder)


def wait_until_recovered(database: Postgres) -> None:
    """Wait until PostgreSQL lets clients in, which takes longer than to listen."""
    deadline = time.monotonic() + _UP_WITHIN_SECONDS
    while True:
        try:
            database._connect().close()
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
