"""Where libraries write while a command works: a file instead of the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import UnsupportedOperation
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from igniteflow_cli.instance import dagster_home

_OUTPUT, _ERRORS = 1, 2


@contextmanager
def library_log(command: str) -> Iterator[tuple[Console, Path]]:
    """Send the output of libraries to a file of DAGSTER_HOME while the block runs.

    The file takes the place of the descriptors of output and errors, since the JVM and Spark's
    workers inherit those and know nothing of Python's streams.

    Args:
        command: part of the file's name.

    Yields:
        A console on what the output was before, and the file, relative to where one is if it lies
        below that.
    """
    here = Path.cwd()
    started = datetime.now(UTC)
    log = dagster_home() / "logs" / f"{command}-{started:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _flush()
    output, errors = os.dup(_OUTPUT), os.dup(_ERRORS)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), _OUTPUT)
            os.dup2(file.fileno(), _ERRORS)
        shown = log.relative_to(here) if log.is_relative_to(here) else log
        if _is_process_output():
            with os.fdopen(output, "w", encoding=sys.stdout.encoding, closefd=False) as terminal:
                yield Console(file=terminal), shown
        else:
            # Somebody has put another stream in the place of the process's output.
            yield Console(), shown
    finally:
        _flush()
        os.dup2(output, _OUTPUT)
        os.dup2(errors, _ERRORS)
        os.close(output)
        os.close(errors)


@contextmanager
def under_way(console: Console, what: str) -> Iterator[None]:
    """Say on a terminal what is being done while the block does it.

    Unlike ``console.status``, it leaves alone what libraries print in the meantime.
    """
    with Live(
        Spinner("dots", what),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield


def _is_process_output() -> bool:
    try:
        return sys.stdout.fileno() == _OUTPUT
    except UnsupportedOperation:
        return False


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
