"""Alerts to people: always a log line, and a webhook where one is set."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import requests
from dagster import ConfigurableResource

from igniteflow_core.errors import RetryableError

_log = logging.getLogger("igniteflow.alerts")


class AlertDeliveryError(RetryableError):
    """The webhook did not take the alert."""


class AlertResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends alerts as JSON; ``webhook_url`` None logs them only."""

    webhook_url: str | None = None

    def send(self, kind: str, details: Mapping[str, Any]) -> None:
        """Send one alert.

        Raises:
            AlertDeliveryError: the webhook cannot be reached or refuses; the alert is in the log.
        """
        alert = {"kind": kind, **details}
        _log.error("%s", json.dumps(alert, default=str))
        if self.webhook_url is None:
            return
        try:
            requests.post(self.webhook_url, json=alert, timeout=10).raise_for_status()
        except requests.RequestException as error:
            raise AlertDeliveryError(
                f"the alert {kind} was not delivered: {type(error).__name__}",
                where="alerts.webhook_url",
                fix="see that the webhook is up and takes JSON; the alert itself is in the log",
            ) from error
