"""Settings of the online feature store."""

from typing import Literal

from pydantic import Field, SecretStr

from igniteflow_core.config.base import SettingsGroup


class RedisSettings(SettingsGroup):
    """A Redis 7 server. ``username`` and ``password`` are those of its access control list.

    With ``tls`` the server's certificate is verified, against ``ca_file`` or the system's
    authorities; ``certificate_file`` and ``key_file`` are sent to a server that requests them.
    Timeouts are in seconds.
    """

    host: str = "localhost"
    port: int = Field(default=6379, ge=1, le=65_535)
    database: int = Field(default=0, ge=0)
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    max_connections: int = Field(default=32, ge=1)
    connect_timeout: float = Field(default=0.5, gt=0)
    timeout: float = Field(default=0.25, gt=0)


class OnlineStoreSettings(SettingsGroup):
    """Where the state of each customer and terminal is stored, and how long it is valid.

    ``embedded`` is a SQLite file at ``path`` for one machine, ``redis`` a server for many.
    A state expires ``ttl_days`` after its last write, which must be longer than the longest feature
    window and the label delay. Features are stale if the time up to which the store is complete is
    more than ``max_age_seconds`` before the event.
    """

    backend: Literal["embedded", "redis"] = "embedded"
    path: str = "data/online/features.db"
    namespace: str = Field(default="igniteflow", pattern=r"^[A-Za-z0-9_.-]+$")
    ttl_days: int = Field(default=60, ge=1)
    max_age_seconds: int = Field(default=172_800, ge=1)
    redis: RedisSettings = RedisSettings()
