"""What tests need to start a server of their own."""

import os
import shutil
import socket
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
