"""``igniteflow ui``: runs the Dagster UI with its daemon for schedules and sensors."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from igniteflow_cli.free_port import require_free_port
from igniteflow_cli.instance import dagster_home

PORT = 3000

_BETA = ",".join(f"ignore:{kind} `" for kind in ("Class", "Function", "Parameter"))
"""Filters for Dagster's beta and superseded warnings; PYTHONWARNINGS can match only their text,
because the warning classes are not imported yet when the process starts."""


def ui(
    port: Annotated[int, typer.Option(help="Port of the web server")] = PORT,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
) -> None:
    """Run the Dagster UI for this machine's instance; stop it with Ctrl-C.

    Changes of code and settings are reloaded automatically.
    """
    require_free_port(host, port)
    dagster_home()
    os.environ.setdefault("PYTHONWARNINGS", _BETA)
    address = [host, str(port)]
    # The process exits when its parent has exited.
    subprocess.Popen([sys.executable, "-m", "igniteflow_cli.reload", *address])  # noqa: S603
    os.execv(  # noqa: S606 - replaces this process by Dagster's own command
        sys.executable,
        [sys.executable, "-m", "dagster", "dev", "--host", host, "--port", str(port)],
    )
