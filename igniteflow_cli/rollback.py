"""``igniteflow rollback``: rolls back to the previous champion."""

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from igniteflow_cli.run import execute


class Domain(StrEnum):
    """The domains that have a champion."""

    FRAUD = "fraud"
    RECOMMENDATION = "recommendation"
    DECISION_POLICY = "decision_policy"


def rollback(
    domain: Annotated[Domain, typer.Argument(help="Domain of the champion")],
    reason: Annotated[
        str, typer.Option(help="Reason; recorded with the model and in the audit log")
    ],
) -> None:
    """Roll back to the previous champion or decision policy, and deploy it to the endpoint."""
    execute(
        f"{domain}_rollback_job",
        {"user": getpass.getuser()},
        {f"{domain}_champion": {"action": "roll_back", "reason": reason}},
    )
