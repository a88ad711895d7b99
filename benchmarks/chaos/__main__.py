"""Run it: ``make chaos``, or ``python -m benchmarks.chaos`` with ``--only`` some of the faults."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.chaos.home import use_settings, variables_of, write_source

# Partitions are made from the settings when the graph is first imported.
use_settings()

from benchmarks.chaos import (  # noqa: E402
    clock_steps,
    executor_kills,
    full_disk,
    graph,
    kafka_kills,
    orchestration,
    run_kills,
    servers,
    slow_s3,
    two_at_once,
    under_load,
)
from benchmarks.chaos.ledger import Ledger, by_asset, by_fault  # noqa: E402
from benchmarks.chaos.run_kills import Reference  # noqa: E402
from benchmarks.chaos.runs import start_fork_server  # noqa: E402

ONLINE = ("customers", "terminals", "online_features")
MODELS = ("fraud_model", "fraud_evaluation", "fraud_champion", "fraud_endpoint")
BEFORE_MODELS = (
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "fraud_features", "fraud_training_set", "online_features",
)  # fmt: skip

Trials = Callable[[Reference, Path, int, Ledger, random.Random, Callable[[], bool]], None]


def run_process(
    reference: Reference, home: Path, count: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Rounds of kills of the run's process, once in each step."""
    for number in range(count):
        part = home / str(number)
        run_kills.run_kills(reference, part, run_kills.RUN, ledger, chance, is_time_over)


def driver(
    reference: Reference, home: Path, count: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Rounds of kills of Spark's driver, once in each step."""
    for number in range(count):
        part = home / str(number)
        run_kills.run_kills(reference, part, run_kills.DRIVER, ledger, chance, is_time_over)


def redis(
    reference: Reference, home: Path, count: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Kills of Redis while cards and terminals are written to it."""
    home.mkdir(parents=True)
    with servers.redis(home) as server:
        variables = variables_of(
            home, reference.source, LAKE__ROOT=str(reference.home / "lake"),
            ONLINE__BACKEND="redis", ONLINE__REDIS__PORT=str(server.port),
        )  # fmt: skip
        kill = under_load.killed_and_started(server, chance)
        under_load.kill_under_load(
            kill, "kill Redis", ("online_features",), variables, count, ledger, chance, is_time_over
        )
        ledger.compared("kill Redis", under_load.stored_differences(reference.home, variables))


def mlflow(
    reference: Reference, home: Path, count: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Kills of MLflow's server while models are trained, registered, promoted and deployed."""
    home.mkdir(parents=True)
    with servers.mlflow(home) as server:
        variables = variables_of(
            home, reference.source, MLFLOW__TRACKING_URI=f"http://127.0.0.1:{server.port}"
        )
        del variables["IGNITEFLOW_MLFLOW__ARTIFACT_ROOT"]
        with under_load.runs_of(BEFORE_MODELS, variables) as run:
            under_load.left_in_peace(run())
        kill = under_load.killed_and_started(server, chance)
        fault = "kill the MLflow server"
        under_load.kill_under_load(
            kill, fault, MODELS, variables, count, ledger, chance, is_time_over
        )
        ledger.compare(fault, reference.home, home, variables, ("fraud_evaluation",))


FAULTS: dict[str, tuple[Trials, int]] = {
    "run": (run_process, 1),
    "driver": (driver, 1),
    "redis": (redis, 40),
    "orchestration": (orchestration.orchestration_kills, 60),
    "mlflow": (mlflow, 15),
    "kafka": (kafka_kills.kafka_kills, 15),
    "executors": (executor_kills.executor_kills, 12),
    "disk": (full_disk.full_disk, 10),
    "s3": (slow_s3.failing_s3, 4),
    "clock": (clock_steps.clock_steps, 2),
    "twice": (two_at_once.two_at_once, 10),
}
"""Each fault's trials, and how many of them, or rounds of them, a campaign makes."""


def main() -> None:
    """Disturb a platform in every way, and print what held."""
    parser = argparse.ArgumentParser(prog="benchmarks.chaos")
    parser.add_argument("--only", nargs="*", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--count", type=int, help="trials or rounds of each; its own if not given")
    parser.add_argument("--minutes", type=float, default=90, help="after which nothing new begins")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, help="where to keep it all; a new folder if not given")
    chosen = parser.parse_args()
    home = (chosen.home or Path(tempfile.mkdtemp(prefix="igniteflow-chaos-"))).resolve()
    home.mkdir(parents=True, exist_ok=True)
    ends = time.monotonic() + 60 * chosen.minutes
    ledger = Ledger(home / "trials.jsonl")
    start_fork_server()
    if not (home / "source").exists():
        write_source(home / "source")
    began = time.monotonic()
    reference = run_kills.undisturbed_run(home / "undisturbed", home / "source", graph.all_assets())
    print(f"undisturbed: {time.monotonic() - began:.0f} s", flush=True)
    for name in chosen.only:
        trials, count = FAULTS[name]
        began = time.monotonic()
        chance = random.Random(f"{chosen.seed} {name}")  # noqa: S311 - no secret
        trials(
            reference, home / name, chosen.count or count, ledger, chance,
            lambda: time.monotonic() > ends,
        )  # fmt: skip
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    print(by_asset(ledger.trials).to_string(index=False))
    print(by_fault(ledger.trials).to_string(index=False))
    sys.exit(bool(ledger.wrong))


if __name__ == "__main__":
    main()
