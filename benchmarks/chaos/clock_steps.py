"""The clock is set forward and back while a run is under way."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from tests.servers import installed

FAULT = "clock step"
STEPS = ("+1h", "-1h", "+2d", "+0", "-2d", "+10s", "-10s", "+30d")
ASSETS = (
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "fraud_features", "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion",
    "fraud_scores", "online_features", "fraud_endpoint", "audit_log",
)  # fmt: skip
_BETWEEN_SECONDS = (1.0, 4.0)


def clock_steps(
    reference: Reference, home: Path, rounds: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Each round is a run of its own, Java included, whose clock is set every few seconds."""
    library = installed(
        sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), "libfaketime", "libfaketime"
    )
    home.mkdir(parents=True)
    clock = home / "clock"
    variables = variables_of(home, reference.source)
    faked = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        # What measures durations and waits goes on, as on a real machine.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.chaos.graph", *ASSETS]
    for _ in range(rounds):
        if is_time_over():
            break
        clock.write_text("+0")
        with (home / "run.log").open("ab") as log:
            run = subprocess.Popen(  # noqa: S603 - this program
                command, env={**os.environ, **variables, **faked}, stdout=log, stderr=log
            )
        while run.poll() is None:
            time.sleep(chance.uniform(*_BETWEEN_SECONDS))
            if run.poll() is None:
                step = chance.choice(STEPS)
                partial = clock.with_suffix(".partial")
                partial.write_text(step)
                partial.replace(clock)
                ledger.add(FAULT, step)
        if run.returncode != 0:
            told = (home / "run.log").read_text(errors="replace")[-300:]
            ledger.add(FAULT, "comparison", f"the run failed: {told}")
    ledger.compare(FAULT, reference.home, home, variables, ASSETS)
