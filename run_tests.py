#!/usr/bin/env python3
"""Runs the tests of some kinds: ``./run_tests.py unit contract --html report.html``.

Kinds are those of pytest's markers: unit, integration, contract, performance; ``slow`` are those of
any kind that take more than a few seconds, ``all`` is everything. Without a kind it runs the unit
tests, which need neither Java nor a server. What follows is pytest's own.
"""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

NAMES = ("unit", "integration", "contract", "performance", "slow", "all")
# Tests wait for servers and processes for half of their time, so there are more processes than two
# cores. What belongs into one process, and what begins first, is in tests/groups.py.
AT_ONCE = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]
ROOT = Path(__file__).parent


def python() -> str:
    """That of ``.venv`` if ``make setup`` has made one; else the one that runs this."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def command(arguments: Sequence[str]) -> list[str]:
    """What to run; a report of ``--html`` is one file."""
    named = list(takewhile(NAMES.__contains__, arguments))
    names = named or ["unit"]
    options = list(arguments[len(named) :])
    if any(option.startswith("--html") for option in options):
        options.append("--self-contained-html")
    chosen = [] if "all" in names else ["-m", " or ".join(names)]
    several = [] if names == ["unit"] else AT_ONCE
    return [python(), "-m", "pytest", *chosen, *several, *options]


if __name__ == "__main__":
    if find_spec("pytest") is None and python() == sys.executable:
        raise SystemExit("pytest is not installed. Run: make setup")
    os.chdir(ROOT)
    tests = command(sys.argv[1:])
    os.execv(tests[0], tests)  # noqa: S606 - pytest's own arguments, no shell
