"""``igniteflow rollback``: the champion before the one that serves takes over again."""

import getpass
from typing import Annotated

import typer

from igniteflow_cli.run import execute


def rollback(
    reason: Annotated[str, typer.Option(help="Why; kept with the model and in the audit log")],
) -> None:
    """Take the fraud model back to the champion before it, and let the endpoint serve it."""
    execute(
        "fraud_rollback_job",
        {"user": getpass.getuser()},
        {"fraud_champion": {"action": "roll_back", "reason": reason}},
    )
