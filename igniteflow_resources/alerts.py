"""Alerts to people: always a log line, and a webhook where one is set."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import requests
from dagster import ConfigurableResource

from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import RetryableError

_log = logging.getLogger("igniteflow.alerts")

_BOARD = "igniteflow-pipeline"
"""The board to look at first, which shows the runs."""


class AlertDeliveryError(RetryableError):
    """The webhook did not take the alert."""


class AlertResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends alerts as JSON to the webhook of the settings; without one it logs them only."""

    def send(self, kind: str, details: Mapping[str, Any]) -> None:
        """Send one alert.

        Raises:
            AlertDeliveryError: the webhook cannot be reached or refuses; the alert is in the log.
        """
        settings = load_settings()
        alert = {"kind": kind, **details}
        if settings.telemetry.grafana_url is not None:
            alert["board"] = f"{settings.telemetry.grafana_url.rstrip('/')}/d/{_BOARD}"
        _log.error("%s", json.dumps(alert, default=str))
        # Asked for here, as Dagster shows what a resource is configured with.
        url = settings.alerts.webhook_url
        if url is None:
            return
        try:
            answer = requests.post(url.get_secret_value(), json=alert, timeout=10)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise AlertDeliveryError(
                f"the alert {kind} was not delivered: {type(error).__name__}",
                where="alerts.webhook_url",
                fix="see that the webhook is up and takes JSON; the alert itself is in the log",
            ) from None  # the cause's text holds the address
