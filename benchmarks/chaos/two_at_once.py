"""Two runs of the same days at once."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.under_load import left_in_peace, lost_for_good, runs_of

FAULT = "two runs of the same days"
ASSETS = (
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "fraud_features", "online_features",
)  # fmt: skip


def two_at_once(
    reference: Reference, home: Path, rounds: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Both end well, or one is refused and may be tried again; the tables are those of one run."""
    variables = variables_of(home, reference.source)
    with runs_of(ASSETS, variables) as first, runs_of(ASSETS, variables) as second:
        left_in_peace(first())
        left_in_peace(second())
        for _ in range(rounds):
            if is_time_over():
                break
            one = first()
            time.sleep(chance.uniform(0, 1))
            other = second()
            wrong = [*lost_for_good(one), *lost_for_good(other)]
            ended = sum(not run.result() for run in (one, other))
            ledger.add(FAULT, f"{ended} of 2 done, {2 - ended} refused", "; ".join(wrong))
    ledger.compare(FAULT, reference.home, home, variables, ASSETS)
