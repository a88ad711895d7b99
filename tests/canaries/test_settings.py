"""What shows settings, or says what is wrong with them, tells no secret."""

import json

import pytest
from typer.testing import CliRunner

from igniteflow_cli.main import commands
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.secrets import MASK
from igniteflow_core.errors import ConfigurationError
from tests.canaries.conftest import assert_no_canary

CANARY = "canary-00-of-redis_password"


def test_the_settings_are_shown_with_masks(canaries):
    told = CliRunner().invoke(commands, ["config", "show"])
    assert told.exit_code == 0
    assert_no_canary(told.output, "config show")
    shown = json.loads(told.output)
    assert shown["online"]["redis"]["password"] == shown["alerts"]["webhook_url"] == MASK
    assert shown["stream"]["client_options"]["sasl.password"] == MASK
    assert shown["stream"]["client_options"]["sasl.mechanism"] == "PLAIN"
    assert shown["spark"]["config"]["spark.logConf"] == "true"

    settings = load_settings()
    assert_no_canary(f"{settings!r} {settings} {settings.model_dump(mode='json')}", "the settings")
    assert settings.stream.client_options["sasl.password"] == canaries["sasl_password"]


MISTAKES = {
    "a misspelt name": ("ONLINE__REDIS__PASSWROD", CANARY),
    "in the place of a group": ("ONLINE__REDIS", CANARY),
    "an address in the place of a group": ("ONLINE__REDIS", f"redis://:{CANARY}@host:6379"),
    "a list in its place": ("ONLINE__REDIS__PASSWORD", json.dumps([CANARY])),
    "an object in its place": ("ALERTS__WEBHOOK_URL", json.dumps({"url": CANARY})),
    "options that are none": ("STREAM__CLIENT_OPTIONS", CANARY),
    "an option that is none": ("STREAM__CLIENT_OPTIONS", json.dumps({"sasl.password": [CANARY]})),
    "an address as a number": ("ONLINE__REDIS__PORT", f"redis://:{CANARY}@host"),
    "no JSON": ("STREAM__CLIENT_OPTIONS", '{"sasl.password": "' + CANARY),
    "in a database's address": ("MLFLOW__TRACKING_URI", f"postgresql://u:{CANARY}@db/mlflow"),
    "in a server's address": ("MLFLOW__TRACKING_URI", f"https://u:{CANARY}@mlflow"),
    "in the lake's address": ("LAKE__ROOT", f"s3a://key:{CANARY}@bucket/lake"),
    "in a collector's address": ("TELEMETRY__OTLP_ENDPOINT", f"http://u:{CANARY}@otel"),
    "in a source's address": ("SOURCES__ROOT", f"abfss://u:{CANARY}@store"),
    "in an unreadable address": ("LAKE__ROOT", f"s3a://[key:{CANARY}@bucket"),
    "a wrong list of keys": ("SERVING__API_KEYS", json.dumps([{"name": "a", "key": CANARY}])),
    "a key for its sum": ("SERVING__API_KEYS", json.dumps([{"name": "a", "sha256": CANARY}])),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_without_the_secret(mistake, monkeypatch):
    name, value = MISTAKES[mistake]
    monkeypatch.setenv(f"IGNITEFLOW_{name}", value)
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert name.split("__")[0].lower() in str(refused.value).lower()
    assert_no_canary(str(refused.value), mistake)


def test_what_was_given_is_still_told_where_it_is_no_secret(monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_ONLINE__REDIS__PORT", "many")
    with pytest.raises(ConfigurationError, match=r"given: 'many'"):
        load_settings()
