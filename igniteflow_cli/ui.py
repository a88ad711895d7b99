"""``igniteflow ui``: the Dagster UI with its daemon, for schedules and sensors."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from igniteflow_cli.free_port import require_free_port
from igniteflow_cli.instance import dagster_home

PORT = 3000

_BETA = ",".join(f"ignore:{kind} `" for kind in ("Class", "Function", "Parameter"))
"""Of Dagster's parts that its makers call beta or superseded, in words, since a process that starts
does not know the classes of such warnings yet."""


def ui(
    port: Annotated[int, typer.Option(help="Port of the web server")] = PORT,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI on this machine's instance; stop it with Ctrl-C.

    It follows changes of the code and of the settings by itself.
    """
    require_free_port(host, port)
    dagster_home()
    os.environ.setdefault("PYTHONWARNINGS", _BETA)
    address = [host, str(port)]
    # It ends by itself once the process that has started it is gone.
    subprocess.Popen([sys.executable, "-m", "igniteflow_cli.reload", *address])  # noqa: S603
    os.execv(  # noqa: S606 - replaces this process by Dagster's own command
        sys.executable,
        [sys.executable, "-m", "dagster", "dev", "--host", host, "--port", str(port)],
    )
