"""Alerts to people: always a log line, and Alertmanager or a webhook where one is set."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import requests
from dagster import ConfigurableResource

from igniteflow_core.config.alerts import Severity
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import RetryableError

_log = logging.getLogger("igniteflow.alerts")

_BOARD: Final = "igniteflow-pipeline"
"""The board to look at first, which shows the runs."""

_LASTS: Final = timedelta(hours=1)
"""How long an alert counts as open: it tells of a moment, and nothing will say that it is over."""

_LABELS: Final = {"job": "job_name", "run_id": "run_id", "group": "group"}
"""Details that tell one alert from another, and what Prometheus' alerts call them."""


class AlertDeliveryError(RetryableError):
    """Alertmanager or the webhook did not take the alert."""


class AlertResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends alerts where the settings say; without an address it logs them only."""

    def send(self, kind: str, details: Mapping[str, Any], severity: Severity = "critical") -> None:
        """Send one alert.

        Raises:
            AlertDeliveryError: a receiver cannot be reached or refuses it; the alert is in the log.
        """
        settings = load_settings()
        alert = {"kind": kind, **details}
        if settings.telemetry.grafana_url is not None:
            alert["board"] = f"{settings.telemetry.grafana_url.rstrip('/')}/d/{_BOARD}"
        _log.error("%s", json.dumps(alert, default=str))
        # Asked for here, as Dagster shows what a resource is configured with.
        alerts = settings.alerts
        if alerts.alertmanager_url is not None:
            namespace, now = settings.execution.k8s_namespace, datetime.now(UTC)
            body = [alertmanager_alert(alert, severity, settings.environment, namespace, now)]
            _post(
                f"{alerts.alertmanager_url.rstrip('/')}/api/v2/alerts", body, kind, "alertmanager"
            )
        if alerts.webhook_url is not None:
            _post(alerts.webhook_url.get_secret_value(), alert, kind, "webhook")


def alertmanager_alert(
    alert: Mapping[str, Any], severity: Severity, environment: str, namespace: str, now: datetime
) -> dict[str, Any]:
    """The alert as Alertmanager's API takes it, named as those of Prometheus' rules are.

    In a cluster Prometheus' operator has each namespace's routes match its own alerts alone.
    """
    named = {label: str(alert[detail]) for detail, label in _LABELS.items() if alert.get(detail)}
    kind = str(alert["kind"])
    summary = str(alert.get("message") or kind.replace("_", " "))
    return {
        "labels": {
            "alertname": "".join(word.capitalize() for word in kind.split("_")),
            "severity": severity,
            "environment": environment,
            "namespace": namespace,
            **named,
        },
        "annotations": {"summary": summary, "details": json.dumps(alert, default=str)},
        "startsAt": now.isoformat(),
        "endsAt": (now + _LASTS).isoformat(),
        **({"generatorURL": alert["board"]} if "board" in alert else {}),
    }


def _post(url: str, body: Any, kind: str, to: str) -> None:  # noqa: ANN401 - any JSON
    # Dates and the like are texts.
    text = json.dumps(body, default=str)
    try:
        answer = requests.post(
            url, data=text, headers={"Content-Type": "application/json"}, timeout=10
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        raise AlertDeliveryError(
            f"the alert {kind} was not delivered: {type(error).__name__}",
            where=f"alerts.{to}_url",
            fix=f"see that the {to} is up and takes JSON; the alert itself is in the log",
        ) from None  # the cause's text holds the address
