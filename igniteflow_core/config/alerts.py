"""Whom alerts reach, and by what."""

from typing import Final, Literal

from pydantic import Field, SecretStr

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address

Severity = Literal["critical", "warning"]

_BOTH: Final[tuple[Severity, ...]] = ("critical", "warning")


class Channel(SettingsGroup):
    """A way to people, for the alerts of some severities."""

    severities: tuple[Severity, ...] = Field(default=_BOTH, min_length=1)


class MailSettings(Channel):
    """Mail, by the server ``smarthost``, as host and port; a ``user`` needs a ``password``."""

    to: tuple[str, ...] = Field(min_length=1)
    sender: str
    smarthost: str = Field(pattern=r"^[^\s:]+:\d+$")
    user: str | None = None
    password: SecretStr | None = None


class SlackSettings(Channel):
    """A channel of Slack, by the address of its incoming webhook, which is a secret."""

    channel: str
    url: SecretStr


class WebhookSettings(Channel):
    """An address that takes Alertmanager's JSON by POST, a secret: whoever has it can post."""

    url: SecretStr


class AlertSettings(SettingsGroup):
    """Where alerts go besides the log.

    The platform sends its own to ``alertmanager_url``, where those of Prometheus' rules go too, and
    Alertmanager notifies people by ``mail``, ``slack`` and ``webhook``. Without Alertmanager,
    ``webhook_url`` is an address that takes the platform's own alerts as JSON by POST; it is a
    secret.
    """

    alertmanager_url: Address | None = None
    mail: MailSettings | None = None
    slack: SlackSettings | None = None
    webhook: WebhookSettings | None = None
    webhook_url: SecretStr | None = None
