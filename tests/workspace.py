"""The variables of a platform that keeps everything below one folder."""

from collections.abc import Mapping
from pathlib import Path

import pytest


def workspace_variables(root: Path, source: Path) -> dict[str, str]:
    """Settings whose lake, registry, online store, endpoints and logs are below ``root``."""
    return {
        "IGNITEFLOW_SOURCES__ROOT": str(source),
        "IGNITEFLOW_LAKE__ROOT": str(root / "lake"),
        "IGNITEFLOW_MLFLOW__TRACKING_URI": f"sqlite:///{root}/mlflow.db",
        "IGNITEFLOW_MLFLOW__ARTIFACT_ROOT": str(root / "artifacts"),
        "IGNITEFLOW_ONLINE__PATH": str(root / "online.db"),
        "IGNITEFLOW_SERVING__ENDPOINTS_DIR": str(root / "endpoints"),
        "IGNITEFLOW_SERVING__LOG_DIR": str(root / "decisions"),
    }


def set_variables(patch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)
