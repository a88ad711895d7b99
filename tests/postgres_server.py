"""A real PostgreSQL server of a test's own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests.servers import free_port, from_debian, installed

USER, PASSWORD = "igniteflow", "a-password-of-tests"


@dataclass(frozen=True)
class Postgres:
    port: int

    def create_database(self, name: str) -> str:
        """Its address."""
        with closing(self._connect()) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg2://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname="postgres"
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
        log = folder / "postgres.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port),
                 "-k", folder, "-c", "fsync=off", *options],
                user=user, cwd=folder, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            postgres = Postgres(port)
            _wait_until_up(postgres, server, log)
            yield postgres
        finally:
            # PostgreSQL's fast shutdown: the other one waits until every client has gone.
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    """Debian keeps the servers of each version in a folder of its own, which is not on PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = installed(
        [shutil.which("postgres"), *debian[-1:]], "PostgreSQL", from_debian("postgresql")
    )
    return Path(found).resolve().parent


def _wait_until_up(postgres: Postgres, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert server.poll() is None, log.read_text()
        try:
            postgres._connect().close()
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
