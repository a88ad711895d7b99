"""A real Redis server of this machine, which keeps nothing on disk: a kill empties it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from redis import Redis

from tests.local_server import Server, free_port, running
from tests.servers import from_debian, installed


@contextmanager
def redis_server(folder: Path, *options: str, port: int | None = None) -> Iterator[Server]:
    """The running server; ``options`` as on its command line."""
    program = installed([which("redis-server")], "redis-server", from_debian("redis-server"))
    port = port or free_port()
    listens = () if "--port" in options else ("--port", str(port))
    command = [
        program, *listens, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
        "--dir", folder, *options,
    ]  # fmt: skip
    with running(Server(command, port, folder / "redis.log")) as server:
        yield server


def flush(port: int) -> None:
    with Redis(port=port) as client:
        client.flushall()
