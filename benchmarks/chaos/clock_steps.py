"""A clock that is set forward or back while a run is at work, and goes on from there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.home import ALL_DAYS

_FAULT = "step the clock"
_ASSETS = ["customers", "quarantined_customers", "users", "quarantined_users", "audit_log"]
_STEPS = ("-26h", "+26h", "-10m", "+10m", "-2s", "+0")
_LONGEST_RUN_SECONDS = 600.0
_RUN = """
import sys, json
from benchmarks.chaos.home import use_settings
use_settings()
from benchmarks.chaos import graph
failures = graph.attempt(*json.loads(sys.argv[1]))
print(*(f"{step}: {each.message}" for step, each in failures.items() if not each.is_retryable))
sys.exit(1 if failures else 0)
"""


def clock_steps(campaign: Campaign) -> None:
    """Set the clock at a random moment of each run; the last run has the right time again."""
    campaign.copy_of_reference()
    home = campaign.home
    offset = home / "offset"
    offset.write_text("+0")
    variables = {
        **campaign.variables(),
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    seconds = _run(variables, home)[0]
    for number in campaign.numbers():
        step = _STEPS[number % len(_STEPS)]
        _, message = _run(variables, home, campaign.chance.uniform(0, seconds), step)
        campaign.ledger.add(_FAULT, step, message)
    offset.write_text("+0")
    _run(variables, home)
    campaign.compare(_FAULT)


def _run(
    variables: Mapping[str, str], home: Path, after: float = 0.0, step: str | None = None
) -> tuple[float, str]:
    """Seconds that a run takes, and what it could not do; the clock's step comes within it.

    Raises:
        TimeoutExpired: it hangs.
        RuntimeError: it failed though nothing disturbed it.
    """
    began = time.monotonic()
    arguments = json.dumps([_ASSETS, {}, ALL_DAYS])
    with (home / "run.log").open("ab") as log, subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-W", "ignore", "-c", _RUN, arguments],
        env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=log,
    ) as process:  # fmt: skip
        if step is not None:
            time.sleep(after)
            (home / "offset").write_text(step)
        message, _ = process.communicate(timeout=_LONGEST_RUN_SECONDS)
    if step is None and process.returncode != 0:
        raise RuntimeError(f"an undisturbed run failed: see {home}/run.log {message.decode()}")
    return time.monotonic() - began, message.decode().strip()


def _library() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise FileNotFoundError("libfaketime is missing: apt-get install libfaketime")
    return found[0]
