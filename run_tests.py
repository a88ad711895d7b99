#!/usr/bin/env python3
"""Runs the tests of some kinds: ``./run_tests.py unit contract --html report.html``.

Kinds are those of pytest's markers: unit, integration, contract, performance; ``slow`` are those of
any kind that take more than a few seconds, ``all`` is everything. What follows is pytest's own.
"""

import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

NAMES = ("unit", "integration", "contract", "performance", "slow", "all")
# Tests wait for servers and processes for half of their time, so there are more processes than two
# cores. What belongs into one process, and what begins first, is in tests/groups.py.
AT_ONCE = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]
PYTEST = Path(__file__).parent / ".venv" / "bin" / "pytest"


def command(arguments: Sequence[str]) -> list[str]:
    """What to run; a report of ``--html`` is one file.

    Raises:
        SystemExit: no kind is named.
    """
    names = list(takewhile(NAMES.__contains__, arguments))
    if not names:
        raise SystemExit(f"{__doc__}\nName one or more of: {', '.join(NAMES)}.")
    options = list(arguments[len(names) :])
    if any(option.startswith("--html") for option in options):
        options.append("--self-contained-html")
    chosen = [] if "all" in names else ["-m", " or ".join(names)]
    several = [] if names == ["unit"] else AT_ONCE
    return [str(PYTEST), *chosen, *several, *options]


if __name__ == "__main__":
    if not PYTEST.exists():
        raise SystemExit("There is no .venv yet. Run: make setup")
    os.chdir(PYTEST.parents[2])
    os.execv(PYTEST, command(sys.argv[1:]))  # noqa: S606 - pytest's own arguments, no shell
