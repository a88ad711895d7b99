"""Programs that tests need and that have to be installed."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest


def installed(found: Sequence[str | Path | None], name: str, remedy: str) -> str:
    """The first program that is there; none fails in CI and skips elsewhere."""
    for program in found:
        if program is not None:
            return str(program)
    reason = f"{name} is missing; {remedy}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def from_debian(package: str) -> str:
    return f"on Debian and Ubuntu: apt-get install {package}"


def built_by_go(name: str, script: str) -> str:
    """A program of PATH or of Go's folder, into which the script builds it."""
    folders = f"{os.environ['PATH']}:{Path.home()}/go/bin"
    return installed([shutil.which(name, path=folders)], name, f"run {script}")
