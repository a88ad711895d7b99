"""A real Spark standalone cluster on this machine: a master and workers, each its own process."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyspark

from tests.local_server import free_port

_SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"

# What runs so briefly is not worth a second compiler's time.
_BRIEFLY = "-Xss8m -XX:TieredStopAtLevel=1"
SMALL_RUN = {
    "spark.executor.memory": "768m",
    "spark.driver.extraJavaOptions": _BRIEFLY,
    "spark.executor.extraJavaOptions": _BRIEFLY,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    # Small tables need no 50 tasks to read their state.
    "spark.databricks.delta.snapshotPartitions": "2",
}
"""Spark's properties for a run on the cluster whose driver is here."""


@dataclass(frozen=True)
class SparkCluster:
    master: str
    status_page: str

    def status(self) -> Mapping[str, Any]:
        """What the master knows of its workers and applications."""
        answer = httpx.get(f"{self.status_page}/json/", timeout=10, trust_env=False)
        status: Mapping[str, Any] = answer.raise_for_status().json()
        return status


@contextmanager
def spark_cluster(
    folder: Path, environment: Mapping[str, str], workers: int = 2
) -> Iterator[SparkCluster]:
    """Workers of one core and 1 GiB each, with these variables for their executors."""
    port, page = free_port(), free_port()
    cluster = SparkCluster(f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{page}")
    variables = {
        **os.environ,
        **environment,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, program: str, *options: str) -> None:
        with folder.joinpath(f"{name}.log").open("wb") as log:
            command = [str(_SPARK_CLASS), f"org.apache.spark.deploy.{program}", *options]
            started.append(
                subprocess.Popen(
                    [*command, "--host", "127.0.0.1"],
                    env=variables, stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip

    try:
        start("master", "master.Master", "--port", str(port), "--webui-port", str(page))
        for number in range(workers):
            start(
                f"worker-{number}", "worker.Worker", cluster.master, "--webui-port", "0",
                "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}"),
            )  # fmt: skip
        _wait_for_workers(cluster, workers, started, folder)
        yield cluster
    finally:
        for process in started:
            # A worker's executors are of its group.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_workers(
    cluster: SparkCluster, workers: int, started: list[subprocess.Popen[bytes]], folder: Path
) -> None:
    def logs() -> str:
        return "\n".join(log.read_text() for log in sorted(folder.glob("*.log")))

    deadline = time.monotonic() + 90
    while True:
        assert all(process.poll() is None for process in started), logs()
        try:
            if cluster.status()["aliveworkers"] == workers:
                return
        except (httpx.TransportError, httpx.HTTPStatusError, json.JSONDecodeError):
            # While the master starts, the page answers 404, then its front page as HTML.
            pass
        assert time.monotonic() < deadline, logs()
        time.sleep(0.2)
