"""Connects to the online store of the settings."""

from pathlib import Path

from igniteflow_core.config.online import OnlineStoreSettings
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.online.embedded import EmbeddedOnlineStore
from igniteflow_core.online.store import OnlineStore

_DAY_SECONDS = 86_400


def connect_online_store(settings: OnlineStoreSettings) -> OnlineStore:
    """The embedded store, opened, or a client of the Redis server, which connects when first used.

    Raises:
        OnlineStoreError: the embedded store's file cannot be opened.
        ConfigurationError: the backend needs an extra that is not installed.
    """
    ttl_seconds = settings.ttl_days * _DAY_SECONDS
    if settings.backend == "embedded":
        return EmbeddedOnlineStore(Path(settings.path), ttl_seconds)
    try:
        from igniteflow_core.online.redis import RedisOnlineStore  # noqa: PLC0415 - optional extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the Redis online store needs the package redis",
            where="online.backend",
            fix="install IgniteFlow with the extra: pip install 'igniteflow[serving]'",
        ) from error
    return RedisOnlineStore(settings.redis, settings.namespace, ttl_seconds)
