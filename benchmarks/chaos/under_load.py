"""Servers that are killed while a run needs them."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from benchmarks.chaos import graph
from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.graph import Failures
from benchmarks.chaos.home import ALL_DAYS
from benchmarks.chaos.runs import warm_process
from tests.local_server import Server

_LONGEST_RUN_SECONDS = 600.0
_LONGEST_AWAY_SECONDS = 1.0


@contextmanager
def runs_of(
    assets: Sequence[str], variables: Mapping[str, str]
) -> Iterator[Callable[[], Future[Failures]]]:
    """Starts a run of these assets at each call, in a process with a Spark session of its own."""
    with warm_process() as process:
        yield graph.runs_in(process, assets, variables, ALL_DAYS)


def end_of(run: Future[Failures]) -> Failures:
    """The failures of a run, once it has ended.

    Raises:
        TimeoutError: it hangs.
    """
    return run.result(_LONGEST_RUN_SECONDS)


def left_in_peace(run: Future[Failures]) -> None:
    """Wait for a run that nothing disturbs.

    Raises:
        RuntimeError: it failed.
    """
    failures = end_of(run)
    if failures:
        raise RuntimeError(f"a run that was left in peace failed: {failures}")


def lost_for_good(run: Future[Failures]) -> list[str]:
    """The failures of a disturbed run that are not known as worth another try."""
    return [
        f"{step} is not to be retried: {failure.message}"
        for step, failure in end_of(run).items()
        if not failure.is_retryable
    ]


def kill_under_load(
    campaign: Campaign,
    kill: Callable[[], None],
    fault: str,
    where: Sequence[str],
    start: Callable[[], Future[Failures]],
) -> None:
    """Kill at a random moment of each run that is started.

    A run has to end: well, or by an error that says that it is worth another try. At the end one
    run is left in peace.
    """
    left_in_peace(start())
    began = time.monotonic()
    left_in_peace(start())
    seconds = time.monotonic() - began
    kills = 0
    while kills < campaign.count and not campaign.is_time_over():
        run = start()
        time.sleep(campaign.chance.uniform(0, seconds))
        if run.done():
            left_in_peace(run)
            continue
        kill()
        kills += 1
        lost = lost_for_good(run)
        campaign.ledger.add(fault, ", ".join(where), "; ".join(lost))
    left_in_peace(start())


def killed_and_started(server: Server, chance: random.Random) -> Callable[[], None]:
    """Kills the server, and starts it again within a second."""

    def kill() -> None:
        server.kill()
        time.sleep(chance.uniform(0, _LONGEST_AWAY_SECONDS))
        server.start()

    return kill
