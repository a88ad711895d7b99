"""Alerts to operators: always a log line, and a webhook request if a webhook is configured."""

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
"""The Grafana dashboard that each alert links to; it shows the runs."""


class AlertDeliveryError(RetryableError):
    """The webhook did not accept the alert."""


class AlertResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends alerts as JSON to the configured webhook; without one, alerts are only logged."""

    def send(self, kind: str, details: Mapping[str, Any]) -> None:
        """Send one alert.

        Raises:
            AlertDeliveryError: the webhook is unreachable or rejects the alert, which is still in
                the log.
        """
        settings = load_settings()
        alert = {"kind": kind, **details}
        if settings.telemetry.grafana_url is not None:
            alert["board"] = f"{settings.telemetry.grafana_url.rstrip('/')}/d/{_BOARD}"
        _log.error("%s", json.dumps(alert, default=str))
        # Read here and not in the resource's configuration, which Dagster shows in its UI.
        url = settings.alerts.webhook_url
        if url is None:
            return
        try:
            response = requests.post(url.get_secret_value(), json=alert, timeout=10)
            response.raise_for_status()
        except requests.RequestException as error:
            raise AlertDeliveryError(
                f"the alert {kind} was not delivered: {type(error).__name__}",
                where="alerts.webhook_url",
                fix="check that the webhook is up and accepts JSON; the alert itself is in the log",
            ) from None  # the text of the cause contains the secret address
