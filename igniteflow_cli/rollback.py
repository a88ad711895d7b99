"""``igniteflow rollback``: the champion before the one that serves takes over again."""

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from igniteflow_cli.run import execute


class Domain(StrEnum):
    """What has a champion."""

    FRAUD = "fraud"
    RECOMMENDATION = "recommendation"
    DECISION_POLICY = "decision_policy"


def rollback(
    domain: Annotated[Domain, typer.Argument(help="Whose champion")],
    reason: Annotated[str, typer.Option(help="Why; kept with the model and in the audit log")],
) -> None:
    """Take back the model or policy before the one that serves, and let the endpoint serve it."""
    execute(
        f"{domain}_rollback_job",
        {"user": getpass.getuser()},
        {f"{domain}_champion": {"action": "roll_back", "reason": reason}},
    )
