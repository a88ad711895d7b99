"""A real PostgreSQL server of a test's own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import yaml

from tests.local_server import Server, free_port
from tests.servers import from_debian, installed

USER, PASSWORD = "igniteflow", "a-password-of-tests"  # pragma: allowlist secret


@dataclass(frozen=True)
class Postgres:
    """A server that can be killed and started again on what it left behind."""

    server: Server

    @property
    def port(self) -> int:
        return self.server.port

    def create_database(self, name: str) -> str:
        """Its address, without the password, which clients take from ``PGPASSWORD``."""
        with closing(_connect(self.port)) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg2://{USER}@127.0.0.1:{self.port}/{name}"

    def dagster_yaml(self, database: str) -> str:
        """Dagster's own file where its records are kept there; the password is ``PGPASSWORD``."""
        address = {
            "scheme": "postgresql+psycopg2",
            "hostname": "127.0.0.1",
            "port": self.port,
            "db_name": database,
            "username": USER,
            "password": {"env": "PGPASSWORD"},
        }
        return yaml.safe_dump(
            {"storage": {"postgres": {"postgres_db": address}}, "telemetry": {"enabled": False}}
        )


@contextmanager
def postgres_server(*options: str, files: Mapping[str, bytes] | None = None) -> Iterator[Postgres]:
    """A server with these options, and these files in its folder, which only it may read."""
    binaries, port = _binaries(), free_port()
    # PostgreSQL refuses to run as root, and its own user cannot enter the folders of root's tests.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="igniteflow-postgres-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if user:
            shutil.chown(folder, user)
            shutil.chown(password, user)
        subprocess.run(
            [binaries / "initdb", f"--pgdata={folder / 'data'}", f"--username={USER}",
             f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"],
            user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for name, content in (files or {}).items():
            file = folder / "data" / name
            file.write_bytes(content)
            file.chmod(0o600)
            if user:
                shutil.chown(file, user)
        command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port),
                   "-k", folder, "-c", "fsync=off", *options]  # fmt: skip
        server = Server(
            command, port, folder / "postgres.log", user=user, is_up=lambda: _takes_part(port)
        )
        server.start()
        try:
            yield Postgres(server)
        finally:
            _shut_down(server)
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    """Debian keeps the servers of each version in a folder of its own, which is not on PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = installed(
        [shutil.which("postgres"), *debian[-1:]], "PostgreSQL", from_debian("postgresql")
    )
    return Path(found).resolve().parent


def _connect(port: int) -> psycopg2.extensions.connection:
    return psycopg2.connect(
        host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname="postgres"
    )


def _takes_part(port: int) -> bool:
    """Whether it takes sessions, which it does not while it recovers from a kill."""
    try:
        _connect(port).close()
    except psycopg2.OperationalError:
        return False
    return True


def _shut_down(server: Server) -> None:
    """PostgreSQL's fast shutdown: the other one waits until every client has gone."""
    if server.process is not None and server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(30)
