"""Run it: ``make chaos``, or ``python -m benchmarks.chaos`` with ``--only`` some of the faults."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.chaos.home import use_settings, variables_of

# Partitions are made from the settings when the graph is first imported.
use_settings()

from benchmarks import local_server  # noqa: E402
from benchmarks.chaos import graph, run_kills, under_load  # noqa: E402
from benchmarks.chaos.ledger import Ledger, by_asset, by_fault  # noqa: E402
from benchmarks.chaos.run_kills import Reference  # noqa: E402
from benchmarks.chaos.runs import start_fork_server  # noqa: E402
from igniteflow_core.simulation.dataset import write_dataset  # noqa: E402
from tests.small_world import SMALL_WORLD  # noqa: E402

Trials = Callable[[Reference, Path, int, Ledger, random.Random, Callable[[], bool]], None]


def step_kills(
    fault: str, reference: Reference, home: Path, count: int, ledger: Ledger,
    chance: random.Random, is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Rounds of kills of the run's process or of its Spark driver, once in each step."""
    for number in range(count):
        run_kills.run_kills(reference, home / str(number), fault, ledger, chance, is_time_over)


def redis(
    reference: Reference, home: Path, count: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Kills of Redis while cards and terminals are written to it."""
    home.mkdir(parents=True)
    with local_server.redis(home) as server:
        variables = variables_of(
            home, reference.source, LAKE__ROOT=str(reference.home / "lake"),
            ONLINE__BACKEND="redis", ONLINE__REDIS__PORT=str(server.port),
        )  # fmt: skip
        kill = under_load.killed_and_started(server, chance)
        under_load.kill_under_load(
            kill, "kill Redis", ("online_features",), variables, count, ledger, chance, is_time_over
        )
        ledger.compared("kill Redis", under_load.stored_differences(reference.home, variables))


FAULTS: dict[str, tuple[Trials, int]] = {
    "run": (partial(step_kills, run_kills.RUN), 1),
    "driver": (partial(step_kills, run_kills.DRIVER), 1),
    "redis": (redis, 40),
}
"""Each fault's trials, and how many of them, or rounds of them, a campaign makes."""


def main() -> None:
    """Kill parts of a platform, and print what held."""
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
        write_dataset(home / "source", SMALL_WORLD)
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
