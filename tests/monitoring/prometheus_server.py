"""A real Prometheus server of a test's own."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.local_server import free_port
from tests.servers import from_debian, installed


def executable(name: str) -> str:
    """A command of Prometheus; its absence fails in CI and skips elsewhere."""
    return installed([shutil.which(name)], name, from_debian("prometheus"))


@dataclass(frozen=True)
class Prometheus:
    address: str

    def fires(self, **labels: str) -> bool:
        """Whether an alert with these labels, ``alertname`` among them, fires now."""
        return any(
            alert["state"] == "firing" and labels.items() <= alert["labels"].items()
            for alert in self._get("alerts")["alerts"]
        )

    def wait_until_fires(self, **labels: str) -> None:
        self._wait(labels, fires=True)

    def wait_until_resolved(self, **labels: str) -> None:
        self._wait(labels, fires=False)

    def wait_until_scraped(self, metric: str, **labels: str) -> None:
        """Until there is a sample of that metric with these labels."""
        selector = ",".join(f'{name}="{value}"' for name, value in labels.items())
        deadline = time.monotonic() + 60
        while not self._get("query", query=f"{metric}{{{selector}}}")["result"]:
            assert time.monotonic() < deadline, self._get("targets")
            time.sleep(0.1)

    def _wait(self, labels: dict[str, str], *, fires: bool) -> None:
        deadline = time.monotonic() + 60
        while self.fires(**labels) != fires:
            assert time.monotonic() < deadline, self._get("rules")
            time.sleep(0.1)

    def _get(self, what: str, **parameters: str) -> Any:
        answer = httpx.get(
            f"{self.address}/api/v1/{what}", params=parameters, timeout=10, trust_env=False
        )
        return answer.raise_for_status().json()["data"]


@contextmanager
def prometheus_server(folder: Path, rules: Path, target: str) -> Iterator[Prometheus]:
    """Prometheus scrapes the target and evaluates the rules, sooner than in production.

    A scrape may take as long as the interval: a busy machine that missed them would look like one
    without alerts.
    """
    port = free_port()
    configuration = {
        "global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "200ms"},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "igniteflow", "static_configs": [{"targets": [target]}]}],
    }
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(configuration))
    command = [
        executable("prometheus"),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'metrics'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    log = folder / "prometheus.log"
    with log.open("wb") as output, subprocess.Popen(command, stderr=output) as server:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", server, log)
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            if httpx.get(f"{address}/-/ready", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(log.read_text())
