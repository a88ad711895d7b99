"""Environment variables that other programs define, and the settings that they set here too."""

import os
from collections.abc import Mapping
from typing import Any, Final

SETTING_OF: Final[Mapping[str, tuple[str, str]]] = {
    "MLFLOW_TRACKING_URI": ("mlflow", "tracking_uri"),
    "MLFLOW_REGISTRY_URI": ("mlflow", "registry_uri"),
    "PROMETHEUS_GATEWAY_URL": ("telemetry", "push_gateway_url"),
    "GRAFANA_URL": ("telemetry", "grafana_url"),
}

OF_THE_PROCESS: Final = {name: os.environ[name] for name in SETTING_OF if os.environ.get(name)}
"""The values at the start of the process, because MLflow sets its variables itself once used."""


def layers_of(variables: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """A layer of settings for each of the variables, with its name."""
    layers = []
    for name, value in variables.items():
        group, setting = SETTING_OF[name]
        layers.append((name, {group: {setting: value}}))
    return layers


def aws_region() -> str | None:
    """The region of AWS's own variable, the default of every region in the settings."""
    return os.environ.get("AWS_REGION") or None
