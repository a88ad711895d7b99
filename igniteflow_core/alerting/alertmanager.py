"""Alertmanager's configuration: who is notified of what, and what an outage inhibits."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from igniteflow_core.config.alerts import AlertSettings, Channel

_NO_RECEIVER: Final = "none"

INHIBITIONS: Final[Sequence[tuple[str, str, tuple[str, ...]]]] = (
    (
        "DagsterStateUnknown",
        "PipelineFailureRate|RunQueueStuck|DaemonHeartbeatLost|DataStale|AssetCheckFailed|"
        "DataQualityDegraded|QuarantineShare|DataDrift|ModelPerformanceDropped",
        (),
    ),
    ("DaemonHeartbeatLost", "RunQueueStuck|DataStale|OnlineFeaturesStale", ()),
    ("OnlineStoreAway", "OnlineFeaturesStale|ApiErrorBudgetBurn|ApiLatencyBudgetBurn", ()),
    ("PipelineFailureRate", "RunFailure", ("job_name",)),
)
"""Outages: the alert that says so, those that it explains, and the labels that have to be equal.

An explained alert is shown by Alertmanager and reaches no receiver while the outage lasts.
"""


def alertmanager_config(alerts: AlertSettings) -> dict[str, Any]:
    """The whole file, secrets included; without any channel, no receiver is notified."""
    channels = list(_channels(alerts))
    return {
        "route": {
            "receiver": _NO_RECEIVER,
            "group_by": ["alertname", "job_name"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [
                {
                    "receiver": name,
                    "matchers": [f'severity=~"{"|".join(channel.severities)}"'],
                    "continue": True,
                }
                for name, channel, _ in channels
            ],
        },
        "receivers": [
            {"name": _NO_RECEIVER},
            *({"name": name, **how} for name, _, how in channels),
        ],
        "inhibit_rules": [
            {
                "source_matchers": [f'alertname="{outage}"'],
                "target_matchers": [f'alertname=~"{explained}"'],
                "equal": list(equal),
            }
            for outage, explained, equal in INHIBITIONS
        ],
    }


def _channels(alerts: AlertSettings) -> Iterator[tuple[str, Channel, dict[str, Any]]]:
    """Name and settings of each channel, and what its receiver does."""
    if alerts.mail is not None:
        mail = alerts.mail
        login = {}
        if mail.user is not None and mail.password is not None:
            login = {"auth_username": mail.user, "auth_password": mail.password.get_secret_value()}
        each = {"from": mail.sender, "smarthost": mail.smarthost, **login}
        yield "mail", mail, {"email_configs": [{"to": ", ".join(mail.to), **each}]}
    if alerts.slack is not None:
        slack = alerts.slack
        post = {"api_url": slack.url.get_secret_value(), "channel": slack.channel}
        yield "slack", slack, {"slack_configs": [{"send_resolved": True, **post}]}
    if alerts.webhook is not None:
        to = alerts.webhook.url.get_secret_value()
        yield "webhook", alerts.webhook, {"webhook_configs": [{"url": to}]}
