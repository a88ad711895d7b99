"""Redirects the output of libraries to a file while a command works."""

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
    """Redirect the output of libraries to a file in DAGSTER_HOME while the block runs.

    The file descriptors of standard output and standard error are replaced, because the JVM and
    Spark's workers inherit these and not Python's streams.

    Args:
        command: part of the file's name.

    Yields:
        A console for the original output, and the path of the file, relative to the working folder
        if possible.
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
            # Python's standard output was replaced, for example by a test.
            yield Console(), shown
    finally:
        _flush()
        os.dup2(output, _OUTPUT)
        os.dup2(errors, _ERRORS)
        os.close(output)
        os.close(errors)


@contextmanager
def under_way(console: Console, activity: str) -> Iterator[None]:
    """Show the activity on a terminal while the block runs.

    Unlike ``console.status``, it does not capture the output of libraries.
    """
    with Live(
        Spinner("dots", activity),
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
