"""SIGKILL to Dagster's daemon while it asks for runs, queues and starts them."""

import sys
import time
from collections import Counter
from pathlib import Path

import dagster as dg

from benchmarks.chaos.campaign import Campaign
from tests.local_server import Server, free_port, running

_FAULT = "kill Dagster's daemon"
_RUNS_LEFT_IN_PEACE = 1
_LONGEST_AT_WORK_SECONDS = 10.0
_LONGEST_SECONDS = 1_200.0


def daemon_kills(campaign: Campaign) -> None:
    """Kill the daemon until all runs have ended: each was asked for once, and none is left."""
    campaign.copy_of_reference()
    home, port = campaign.home, free_port()
    asked_for = campaign.count + _RUNS_LEFT_IN_PEACE
    variables = campaign.variables() | {"CHAOS_RUNS": str(asked_for)}
    commands = Path(sys.executable).parent
    workspace = home / "workspace.yaml"
    workspace.write_text(
        f"load_from: [{{grpc_server: {{host: 127.0.0.1, port: {port}, location_name: chaos}}}}]\n"
    )
    code = Server(
        [commands / "dagster", "code-server", "start", "-h", "127.0.0.1", "-p", str(port), "-m",
         "benchmarks.chaos.daemon_world"], port, home / "code.log", folder=Path.cwd(),
        variables=variables,
    )  # fmt: skip
    daemon = Server(
        [commands / "dagster-daemon", "run", "-w", workspace], 0, home / "daemon.log",
        is_up=lambda: True, folder=Path.cwd(), variables=variables,
    )  # fmt: skip
    with dg.DagsterInstance.from_config(str(home)) as instance, running(code), running(daemon):
        deadline = time.monotonic() + _LONGEST_SECONDS
        kills, before = 0, _states(instance)
        while not _is_drained(instance, asked_for):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the queue is not drained: {_states(instance)}")
            time.sleep(0.2)
            # It takes a while to start, and is to be killed at work.
            is_at_work = _states(instance) != before
            if is_at_work and kills < campaign.count and not campaign.is_time_over():
                time.sleep(campaign.chance.uniform(0, _LONGEST_AT_WORK_SECONDS))
                daemon.kill()
                before = _states(instance)
                daemon.start()
                kills += 1
                message = ", ".join(f"{count} {state.lower()}" for state, count in before.items())
                campaign.ledger.add(_FAULT, f"runs: {message}")
        campaign.ledger.compared(_FAULT, _not_once(instance))
    campaign.compare(_FAULT)


def _states(instance: dg.DagsterInstance) -> Counter[str]:
    return Counter(run.status.value for run in instance.get_runs())


def _is_drained(instance: dg.DagsterInstance, asked_for: int) -> bool:
    runs = instance.get_runs()
    return len(_keys(instance)) >= asked_for and all(run.is_finished for run in runs)


def _keys(instance: dg.DagsterInstance) -> Counter[str]:
    """How often each of the sensor's requests has become a run that was no retry."""
    return Counter(
        run.tags["dagster/run_key"]
        for run in instance.get_runs()
        if run.parent_run_id is None and "dagster/run_key" in run.tags
    )


def _not_once(instance: dg.DagsterInstance) -> list[str]:
    twice = [
        f"run {key} was started {times} times"
        for key, times in _keys(instance).items()
        if times > 1
    ]
    failed = [
        f"run {run.run_id} ended as {run.status.value}"
        for run in instance.get_runs()
        if not run.is_success
    ]
    return twice + failed
