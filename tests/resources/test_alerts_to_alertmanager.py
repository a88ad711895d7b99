"""The platform's own alerts on a real Alertmanager, which notifies whom the settings say."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue

import httpx
import pytest
from typer.testing import CliRunner

from igniteflow_cli.main import commands
from igniteflow_resources.alerts import AlertResource, alertmanager_alert
from tests.local_server import free_port
from tests.servers import from_debian, installed

_WITHIN_SECONDS = 60


@pytest.fixture
def received() -> Iterator[tuple[str, "Queue[dict]"]]:
    """The address of a webhook, and what was posted to it."""
    posted: Queue[dict] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps the test's output quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", posted
    server.shutdown()


@contextmanager
def alertmanager(folder: Path, config: Path) -> Iterator[str]:
    found = [shutil.which(name) for name in ("alertmanager", "prometheus-alertmanager")]
    program = installed(found, "alertmanager", from_debian("prometheus-alertmanager"))
    port = free_port()
    command = [
        program, f"--config.file={config}", f"--storage.path={folder / 'alerts'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _WITHIN_SECONDS
        while True:
            assert process.poll() is None, (folder / "alertmanager.log").read_text()
            assert time.monotonic() < deadline
            try:
                if httpx.get(f"{address}/-/ready", trust_env=False).is_success:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.slow
def test_a_failed_run_reaches_the_webhook_and_a_silenced_one_does_not(
    received, tmp_path, monkeypatch
):
    url, posted = received
    monkeypatch.setenv("IGNITEFLOW_ALERTS__WEBHOOK", json.dumps({"url": url}))
    file = tmp_path / "alertmanager.yml"
    assert CliRunner().invoke(commands, ["alerts", "config", "--to", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text().replace('"group_wait": "30s"', '"group_wait": "1s"')
    file.write_text(text)
    with alertmanager(tmp_path, file) as address:
        monkeypatch.setenv("IGNITEFLOW_ALERTS__ALERTMANAGER_URL", address)
        silenced = CliRunner().invoke(
            commands,
            [
                "alerts",
                "silence",
                "--hours",
                "1",
                "--reason",
                "new disk",
                "--alert",
                "StreamStalled",
            ],
        )
        assert silenced.exit_code == 0, silenced.output
        AlertResource().send("stream_stalled", {"group": "scoring"})
        AlertResource().send("run_failure", {"job": "daily_job", "run_id": "r", "message": "disk"})
        notification = posted.get(timeout=_WITHIN_SECONDS)
        open_alerts = httpx.get(f"{address}/api/v2/alerts", trust_env=False).json()
    (alert,) = notification["alerts"]
    assert alert["labels"]["alertname"] == "RunFailure"
    assert alert["labels"]["job_name"] == "daily_job"
    assert alert["annotations"]["summary"] == "disk"
    states = {each["labels"]["alertname"]: each["status"]["state"] for each in open_alerts}
    assert states == {"RunFailure": "active", "StreamStalled": "suppressed"}
    assert posted.empty()


def test_an_alert_is_named_and_labelled_as_those_of_prometheus_are():
    alert = {"kind": "run_failure", "job": "daily_job", "run_id": "r", "failed_steps": ["a"]}
    sent = alertmanager_alert(alert, "critical", "prod", "shop", datetime(2025, 1, 1, tzinfo=UTC))
    assert sent["labels"] == {
        "alertname": "RunFailure", "severity": "critical", "environment": "prod",
        "namespace": "shop", "job_name": "daily_job", "run_id": "r",
    }  # fmt: skip
    assert json.loads(sent["annotations"]["details"])["failed_steps"] == ["a"]
    assert sent["endsAt"] == "2025-01-01T01:00:00+00:00"


def test_a_configuration_that_is_written_again_stays_the_owners_alone(tmp_path):
    file = tmp_path / "alertmanager.yml"
    file.write_text("of before")
    os.chmod(file, 0o644)
    assert CliRunner().invoke(commands, ["alerts", "config", "--to", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert "of before" not in file.read_text()
