"""The libraries that report their use to their makers are told not to."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

IMPORT_BOTH = """
import sys, time
if sys.argv[1] == "told":
    import igniteflow_core.fraud.scorer
import onnxruntime
from mlflow.telemetry import get_telemetry_client
print(get_telemetry_client())
"""


def reports(home: Path, told: str) -> tuple[set[str], str]:
    """What ONNX Runtime has written for its reports, and MLflow's client for its own."""
    # No variable that tells them of a CI server or of a test, where both are silent by themselves,
    # and no way out of this machine.
    variables = {
        "HOME": str(home),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-c", IMPORT_BOTH, told]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return {path.name for path in home.rglob("deviceid")}, result.stdout.strip()


def test_nothing_is_reported(tmp_path: Path) -> None:
    assert reports(tmp_path, "told") == (set(), "None")


def test_they_would_report_if_they_were_not_told(tmp_path: Path) -> None:
    files, client = reports(tmp_path, "not told")
    assert files == {"deviceid"}
    assert "TelemetryClient" in client
