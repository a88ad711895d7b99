"""``igniteflow alerts``: Alertmanager's configuration, and silences for a known outage."""

import getpass
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import requests
import typer
from rich.console import Console

from igniteflow_core.alerting.alertmanager import alertmanager_config
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import ConfigurationError, EnvironmentSetupError

commands = typer.Typer(help="Whom alerts reach.", no_args_is_help=True)


@commands.command("config")
def config(
    to: Annotated[
        Path, typer.Option(help="The file, which holds secrets: its owner alone reads it")
    ],
) -> None:
    """Write Alertmanager's configuration, with the channels of the settings."""
    text = json.dumps(alertmanager_config(load_settings().alerts), indent=2)
    to.unlink(missing_ok=True)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    Console().print(f"Wrote {to}", soft_wrap=True)


@commands.command("silence")
def silence(
    hours: Annotated[float, typer.Option(help="For how long from now on", min=0.1)],
    reason: Annotated[str, typer.Option(help="Which outage it is; Alertmanager shows it")],
    alert: Annotated[str, typer.Option(help="Names of alerts, as a regular expression")] = ".+",
) -> None:
    """Keep alerts from people during a known outage; they are open in Alertmanager all the same."""
    url = load_settings().alerts.alertmanager_url
    if url is None:
        raise ConfigurationError(
            "there is no Alertmanager to ask",
            where="alerts.alertmanager_url",
            fix="set its address, or switch alerts off where they are sent",
        )
    now = datetime.now(UTC)
    body: dict[str, Any] = {
        "matchers": [{"name": "alertname", "value": alert, "isRegex": True, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=hours)).isoformat(),
        "createdBy": getpass.getuser(),
        "comment": reason,
    }
    try:
        answer = requests.post(f"{url.rstrip('/')}/api/v2/silences", json=body, timeout=10)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise EnvironmentSetupError(
            f"Alertmanager has not taken the silence: {type(error).__name__}",
            where=url,
            fix="see that it is up and that this machine reaches it",
        ) from error
    Console().print(f"Silence {answer.json()['silenceID']} ends at {body['endsAt']}")
