"""``igniteflow ui``: the Dagster UI with its daemon, for schedules and sensors."""

import os
import sys
from typing import Annotated

import typer

from igniteflow_cli.instance import dagster_home


def ui(
    port: Annotated[int, typer.Option(help="Port of the web server")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI on this machine's instance; stop it with Ctrl-C."""
    dagster_home()
    os.execv(  # noqa: S606 - replaces this process by Dagster's own command
        sys.executable,
        [sys.executable, "-m", "dagster", "dev", "--host", host, "--port", str(port)],
    )
