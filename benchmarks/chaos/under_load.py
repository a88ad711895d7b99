"""Servers that are killed while a run needs them."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.chaos import graph
from benchmarks.chaos.home import ALL_DAYS, settings_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.runs import warm_process
from benchmarks.local_server import Server
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import EntityKey

_LONGEST_RUN_SECONDS = 600.0
_LONGEST_AWAY_SECONDS = 1.0


Failures = dict[str, graph.StepFailure]


@contextmanager
def runs_of(
    assets: Sequence[str], variables: Mapping[str, str]
) -> Iterator[Callable[[], Future[Failures]]]:
    """Starts a run of these assets at each call, all in one process with one Spark session."""
    with warm_process() as process:
        yield lambda: process.submit(graph.attempt, list(assets), dict(variables), dict(ALL_DAYS))


def left_in_peace(run: Future[Failures]) -> None:
    """Wait for a run that nothing disturbs.

    Raises:
        RuntimeError: it failed.
    """
    failures = run.result(_LONGEST_RUN_SECONDS)
    if failures:
        raise RuntimeError(f"a run that was left in peace failed: {failures}")


def lost_for_good(run: Future[Failures]) -> list[str]:
    """The failures of a disturbed run that are not known as worth another try.

    Raises:
        TimeoutError: it hangs.
    """
    return [
        f"{step} is not to be retried: {failure.told}"
        for step, failure in run.result(_LONGEST_RUN_SECONDS).items()
        if not failure.is_retryable
    ]


def kill_under_load(
    kill: Callable[[], None], fault: str, assets: Sequence[str], variables: Mapping[str, str],
    kills: int, ledger: Ledger, chance: random.Random, is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Kill at a random moment of each run of these assets.

    A run has to end: well, or by an error that says that it is worth another try. At the end one
    run is left in peace.
    """
    done = 0
    with runs_of(assets, variables) as start:
        left_in_peace(start())
        began = time.monotonic()
        left_in_peace(start())
        seconds = time.monotonic() - began
        while done < kills and not is_time_over():
            run = start()
            time.sleep(chance.uniform(0, seconds))
            if not run.done():
                kill()
                done += 1
                ledger.add(fault, ", ".join(assets))
            for each in lost_for_good(run):
                ledger.add(fault, "comparison", each)
        left_in_peace(start())


def killed_and_started(server: Server, chance: random.Random) -> Callable[[], None]:
    """Kills the server, and starts it again within a second."""

    def kill() -> None:
        server.kill()
        time.sleep(chance.uniform(0, _LONGEST_AWAY_SECONDS))
        server.start()

    return kill


def stored_differences(undisturbed: Path, variables: Mapping[str, str]) -> list[str]:
    """How the states of cards and terminals differ from those that an undisturbed run stored."""
    with closing(sqlite3.connect(undisturbed / "online.db")) as file:
        held = file.execute(
            "SELECT kind, entity_id, payload FROM states WHERE kind IN ('customer', 'terminal')"
        ).fetchall()
    with closing(connect_online_store(settings_of(variables).online)) as store:
        found = store.read([EntityKey(kind, name) for kind, name, _ in held]).states
        counts = {kind: store.count(kind) for kind in ("customer", "terminal")}
    wrong = [
        f"{kind} {name} is not as in the undisturbed run"
        for (kind, name, payload), state in zip(held, found, strict=True)
        if state is None or state.payload != payload
    ]
    if sum(counts.values()) != len(held):
        wrong.append(f"{counts} states instead of {len(held)} altogether")
    return wrong[:5]
