"""A command on a terminal, and what it prints there."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_CONTROL = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")
_ROWS_AND_COLUMNS = (40, 120)

OWN_LINE = re.compile(
    r"✓ (Java|\d+ jars|Class archive|Simulated data|Using the data) |Running \w+ for |"
    r"[✓!✗] +\d+/\d+ [\w, ]+ \d+\.\d s(, [\d,]+ rows?( of \w+)?)*$|IgniteFlow *$|[┌│└]|"
    r"Run [0-9a-f-]{36} took |Log of the libraries: |Open it in the Dagster UI: |"
    r"Next steps |  \S*igniteflow (ui|serve|automation|business )|      (the|curl) "
)
"""What ``run`` and ``demo`` print themselves, line by line; all else comes from a library."""

VIEW_LINE = re.compile(
    r"[━╸╺ ]*\d+ of \d+ steps · [\d,]+ rows written · \d+:\d\d( of about \d+:\d\d)?$|"
    r"  \w+ \d+:\d\d$|  starting$|  ending$|. (Loading|Downloading|Preparing) "
)
"""What is drawn below them on a terminal while they work."""


def on_a_terminal(
    *arguments: str, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> tuple[int, list[str]]:
    """The command's exit code, and each line that stood on its terminal at some time."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", *_ROWS_AND_COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "igniteflow_cli", *arguments],
        stdin=follower, stdout=follower, stderr=follower, cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", **(variables or {})},
    )  # fmt: skip
    os.close(follower)
    received = b""
    # A terminal whose last process has ended gives an error instead of the end of its input.
    with suppress(OSError):
        while part := os.read(leader, 65_536):
            received += part
    os.close(leader)
    lines = re.split(r"[\r\n]+", _CONTROL.sub("", received.decode()))
    return process.wait(), [line.rstrip() for line in lines if line.strip()]
