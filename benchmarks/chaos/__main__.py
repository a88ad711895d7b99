"""Run it: ``make chaos``, or ``python -m benchmarks.chaos`` with ``--only`` some of the faults."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.chaos.home import use_settings

# Partitions are made from the settings when the graph is first imported.
use_settings()

from benchmarks.chaos import graph  # noqa: E402
from benchmarks.chaos.campaign import Campaign  # noqa: E402
from benchmarks.chaos.clock_steps import clock_steps  # noqa: E402
from benchmarks.chaos.daemon_kills import daemon_kills  # noqa: E402
from benchmarks.chaos.executor_kills import executor_kills  # noqa: E402
from benchmarks.chaos.full_disk import full_disk  # noqa: E402
from benchmarks.chaos.ledger import Ledger, by_asset, by_fault  # noqa: E402
from benchmarks.chaos.mlflow_kills import mlflow_kills  # noqa: E402
from benchmarks.chaos.postgres_kills import postgres_kills  # noqa: E402
from benchmarks.chaos.redis_kills import redis_kills  # noqa: E402
from benchmarks.chaos.reference import undisturbed_run  # noqa: E402
from benchmarks.chaos.run_kills import DRIVER, RUN, run_kills  # noqa: E402
from benchmarks.chaos.runs import start_fork_server, warm_process  # noqa: E402
from benchmarks.chaos.slow_s3 import slow_s3  # noqa: E402
from benchmarks.chaos.twice_at_once import twice_at_once  # noqa: E402
from igniteflow_core.simulation.dataset import write_dataset  # noqa: E402
from tests.small_world import SMALL_WORLD  # noqa: E402

FAULTS: dict[str, tuple[Callable[[Campaign], None], int]] = {
    "run": (partial(run_kills, RUN), 2),
    "driver": (partial(run_kills, DRIVER), 1),
    "executor": (executor_kills, 20),
    "daemon": (daemon_kills, 10),
    "postgres": (postgres_kills, 20),
    "mlflow": (mlflow_kills, 20),
    "redis": (redis_kills, 40),
    "disk": (full_disk, 8),
    "s3": (slow_s3, 10),
    "clock": (clock_steps, 6),
    "twice": (twice_at_once, 5),
}
"""Each fault's trials, and how many of them, or rounds of them, a campaign makes."""


def main() -> None:
    """Kill parts of a platform, and print what held."""
    parser = argparse.ArgumentParser(prog="benchmarks.chaos")
    parser.add_argument("--only", nargs="*", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--count", type=int, help="trials or rounds of each; its own if not given")
    parser.add_argument("--minutes", type=float, default=120, help="after which nothing new begins")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, help="where to keep it all; a new folder if not given")
    chosen = parser.parse_args()
    home = (chosen.home or Path(tempfile.mkdtemp(prefix="igniteflow-chaos-"))).resolve()
    home.mkdir(parents=True, exist_ok=True)
    ends = time.monotonic() + 60 * chosen.minutes
    ledger = Ledger(home / "trials.jsonl")
    start_fork_server()
    if not (home / "source").exists():
        write_dataset(home / "source", SMALL_WORLD)
    began = time.monotonic()
    reference = undisturbed_run(home / "undisturbed", home / "source", graph.all_assets())
    print(f"undisturbed: {time.monotonic() - began:.0f} s", flush=True)
    with warm_process() as process:
        for name in chosen.only:
            trials, count = FAULTS[name]
            began = time.monotonic()
            chance = random.Random(f"{chosen.seed} {name}")  # noqa: S311 - no secret
            trials(
                Campaign(
                    reference, home / name, chosen.count or count, ledger, chance, process,
                    lambda: time.monotonic() > ends,
                )
            )  # fmt: skip
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    print(by_asset(ledger.trials).to_string(index=False))
    print(by_fault(ledger.trials).to_string(index=False))
    sys.exit(bool(ledger.wrong))


if __name__ == "__main__":
    main()
