"""What tests need to start a server of their own."""

import os
import socket
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installed(found: Sequence[str | Path | None], name: str, package: str) -> str:
    """The first program that is there; none fails in CI and skips elsewhere."""
    for program in found:
        if program is not None:
            return str(program)
    reason = f"{name} is missing; on Debian and Ubuntu: apt-get install {package}"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
