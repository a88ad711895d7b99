"""Programs that tests need and that have to be installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


def installed(found: Sequence[str | Path | None], name: str, remedy: str) -> str:
    """The first program that is there; none fails in CI and skips elsewhere."""
    for program in found:
        if program is not None:
            return str(program)
    reason = f"{name} is missing; {remedy}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def from_debian(package: str) -> str:
    return f"on Debian and Ubuntu: apt-get install {package}"


def installed_by(script: str, name: str) -> str:
    """A program of PATH or of Go's folder, where the script puts it if this machine can have it."""
    printed = "" if _found(name) else _run_once(script)
    return installed([_found(name)], name, f"{script} says: {printed}")


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:{Path.home()}/go/bin")


@cache
def _run_once(script: str) -> str:
    """Run it, or wait for another process that does, and give what it complains of."""
    with FileLock(Path(tempfile.gettempdir(), f"igniteflow-{Path(script).name}.lock")):
        done = subprocess.run([ROOT / script], capture_output=True, text=True, check=False)
    return done.stderr.strip()
