"""Dagster itself: its daemon, its runs and PostgreSQL are killed while a queue of runs is done.

Everything is as in a deployment but for the pods: a webserver that takes the runs, a code server
that executes them, a daemon that queues, monitors and retries, and PostgreSQL with their records.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil
import yaml
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError

from benchmarks.chaos import servers
from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.servers import Server
from benchmarks.ports import free_port
from tests.postgres_server import PASSWORD, USER, Postgres

DAEMON, POSTGRES, RUN = (
    "kill the Dagster daemon",
    "kill PostgreSQL",
    "kill a run that the daemon started",
)
ASSETS = ("items", "users", "terminals", "customers")
"""Quick ones: it is the queue that is looked at."""

_ASKED = "chaos/asked"
_BETWEEN_KILLS_SECONDS = (1.0, 6.0)
_DRAINED_WITHIN_SECONDS = 600.0


@dataclass
class Deployment:
    """The processes, and what asks them for runs."""

    home: Path
    daemon: Server
    code: Server
    database: Server
    postgres: Postgres
    web_port: int

    def ask_for(self, asset: str, number: int) -> None:
        """Put a run of the asset into the queue; asked again until it is taken."""
        client = DagsterGraphQLClient("127.0.0.1", port_number=self.web_port)
        while not self.runs_asked_for(number):
            try:
                client.submit_job_execution(
                    "main_job",
                    repository_location_name="igniteflow",
                    asset_selection=[dg.AssetKey(asset)],
                    tags={_ASKED: str(number)},
                )
            except DagsterGraphQLClientError:
                time.sleep(0.5)

    def runs_asked_for(self, number: int | None = None) -> list[dg.DagsterRun]:
        """The runs with that number, retries among them; None for all."""
        with self.instance() as instance:
            wanted = dg.RunsFilter(tags={_ASKED: str(number)}) if number is not None else None
            return list(instance.get_runs(wanted))

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The records, once PostgreSQL answers."""
        servers.wait_until_recovered(self.postgres)
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            yield instance

    def run_processes(self) -> list[psutil.Process]:
        """The processes of the runs under way, below the code server."""
        if self.code.process is None:
            return []
        below = psutil.Process(self.code.process.pid).children(recursive=True)
        return [each for each in below if "spawn_main" in " ".join(_command(each))]


def orchestration_kills(
    reference: Reference, home: Path, kills: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Kill one of them at random while runs are asked for and done; then the queue has to drain."""
    with _deployment(home, reference.source) as deployment:
        asked = done = 0
        while done < kills and not is_time_over():
            if _under_way(deployment) < 2:
                deployment.ask_for(ASSETS[asked % len(ASSETS)], asked)
                asked += 1
            time.sleep(chance.uniform(*_BETWEEN_KILLS_SECONDS))
            fault = chance.choice((DAEMON, POSTGRES, RUN))
            where = _killed(deployment, fault, chance)
            if where:
                done += 1
                ledger.add(fault, where)
        _drain(deployment, asked, ledger)


def _killed(deployment: Deployment, fault: str, chance: random.Random) -> str | None:
    """What was under way; None if there was nothing to kill."""
    where = _what_is_under_way(deployment)
    if fault == RUN:
        processes = deployment.run_processes()
        if not processes:
            return None
        chance.choice(processes).kill()
        return where
    server = deployment.daemon if fault == DAEMON else deployment.database
    server.kill()
    time.sleep(chance.uniform(0, 2))
    server.start()
    return where


def _drain(deployment: Deployment, asked: int, ledger: Ledger) -> None:
    wrong = []
    deadline = time.monotonic() + _DRAINED_WITHIN_SECONDS
    while _under_way(deployment) and time.monotonic() < deadline:
        time.sleep(1)
    with deployment.instance() as instance:
        wrong += [
            f"{run.run_id} is still {run.status.value}"
            for run in instance.get_runs()
            if not run.is_finished
        ]
    for number in range(asked):
        runs = deployment.runs_asked_for(number)
        successes = sum(run.is_success for run in runs)
        if successes != 1:
            wrong.append(f"asked once, done {successes} times: {[r.status.value for r in runs]}")
    for fault in (DAEMON, POSTGRES, RUN):
        ledger.compared(fault, wrong)


def _under_way(deployment: Deployment) -> int:
    return sum(not run.is_finished for run in deployment.runs_asked_for())


def _what_is_under_way(deployment: Deployment) -> str:
    runs = [run for run in deployment.runs_asked_for() if not run.is_finished]
    states = sorted({run.status.value.lower().replace("_", " ") for run in runs})
    return f"runs {' and '.join(states)}" if states else "an empty queue"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


@contextmanager
def _deployment(home: Path, source: Path) -> Iterator[Deployment]:
    code_port, web_port = free_port(), free_port()
    with ExitStack() as stack:
        database, postgres = stack.enter_context(servers.postgres())
        servers.wait_until_recovered(postgres)
        postgres.create_database("dagster")
        home.mkdir(parents=True)
        (home / "dagster.yaml").write_text(yaml.safe_dump(_instance(postgres)))
        workspace = home / "workspace.yaml"
        workspace.write_text(
            f"load_from: [{{grpc_server: {{host: 127.0.0.1, port: {code_port}, "
            "location_name: igniteflow}}]\n"
        )
        variables = variables_of(home, source) | {"DAGSTER_PG_PASSWORD": PASSWORD}
        os.environ |= variables | {"PYTHONPATH": str(Path.cwd())}
        code = Server(
            [_program("dagster"), "code-server", "start", "-h", "127.0.0.1", "-p", str(code_port),
             "-m", "igniteflow_assets.definitions"],
            code_port, home / "code.log",
        )  # fmt: skip
        stack.enter_context(servers.running(code))
        _wait_until_code_is_loaded(code_port)
        # A daemon listens nowhere; that its code server does is known.
        daemon = Server(
            [_program("dagster-daemon"), "run", "-w", workspace], code_port, home / "daemon.log"
        )
        stack.enter_context(servers.running(daemon))
        web = Server(
            [_program("dagster-webserver"), "-h", "127.0.0.1", "-p", str(web_port), "-w",
             workspace],
            web_port, home / "web.log",
        )  # fmt: skip
        stack.enter_context(servers.running(web))
        yield Deployment(home, daemon, code, database, postgres, web_port)


def _instance(postgres: Postgres) -> Mapping[str, object]:
    """As the chart's, but quick to look, and with more retries than so many kills need."""
    database = {
        "scheme": "postgresql+psycopg2",
        "hostname": "127.0.0.1",
        "port": postgres.port,
        "db_name": "dagster",
        "username": USER,
        "password": {"env": "DAGSTER_PG_PASSWORD"},
    }
    return {
        "storage": {"postgres": {"postgres_db": database}},
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "run_coordinator": {
            "module": "dagster._core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": {"max_concurrent_runs": 1, "dequeue_interval_seconds": 1},
        },
        "run_monitoring": {
            "enabled": True,
            "poll_interval_seconds": 5,
            "start_timeout_seconds": 120,
            "max_runtime_seconds": 180,
        },
        "run_retries": {
            "enabled": True,
            "max_retries": 50,
            "retry_on_asset_or_op_failure": False,
        },
    }


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _wait_until_code_is_loaded(port: int) -> None:
    deadline = time.monotonic() + 180
    command = [_program("dagster"), "api", "grpc-health-check", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(command, capture_output=True, check=False).returncode != 0:  # noqa: S603
        if time.monotonic() > deadline:
            raise TimeoutError("the code server does not load the graph")
        time.sleep(1)
