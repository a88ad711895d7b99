"""Spark starts and removes its executors on a real Kubernetes API, with the token of a run."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.deployment.chart import Resource, named
from tests.deployment.chart_release import Release, in_a_pod
from tests.deployment.test_chart_dagster import containers, variables
from tests.deployment.test_chart_security import violations
from tests.local_server import free_port

DRIVER = "the-run"
"""The name of its pod, which owns its executors."""

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def executors(release: Release) -> list[Resource]:
    path = f"/api/v1/namespaces/{release.namespace}/pods"
    found: list[Resource] = release.api.stored(path)["items"]
    return [
        pod for pod in found if pod["metadata"].get("labels", {}).get("spark-role") == "executor"
    ]


def wait_for(release: Release, number: int, driver: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 300
    while len(executors(release)) != number:
        assert driver.poll() in {None, 0}, log.read_text()[-3_000:]
        assert time.monotonic() < deadline, log.read_text()[-3_000:]
        time.sleep(0.2)


def driver_pod(release: Release) -> Resource:
    """The run's pod, as Dagster's launcher makes it of the chart's configuration."""
    text = named(release.asked(), "ConfigMap", "dagster")["data"]["dagster.yaml"]
    launcher = yaml.safe_load(text)["run_launcher"]["config"]
    run = launcher["run_k8s_config"]
    container = run["container_config"] | {"name": "dagster", "image": launcher["job_image"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": run["pod_template_spec_metadata"] | {"name": DRIVER},
        "spec": run["pod_spec_config"]
        | {"serviceAccountName": launcher["service_account_name"], "containers": [container]},
    }


def properties(release: Release, folder: Path, token: Path) -> dict[str, str]:
    """The chart's, with the files, the address and the ports where they are here."""
    (run,) = (found for found in containers(release.asked()) if found["name"] == "run")
    known = variables(run)
    template = folder / "executor.yaml"
    template.write_text(named(release.asked(), "ConfigMap", "executor")["data"]["executor.yaml"])
    config: dict[str, str] = json.loads(known["IGNITEFLOW_SPARK__CONFIG"])
    assert known["IGNITEFLOW_SPARK__MASTER"].startswith("k8s://https://")
    return config | {
        "spark.master": f"k8s://https://127.0.0.1:{release.api.port}",
        "spark.app.name": "one-run",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.port": str(free_port()),
        "spark.driver.blockManager.port": str(free_port()),
        "spark.kubernetes.driver.pod.name": DRIVER,
        "spark.kubernetes.executor.podTemplateFile": str(template),
        "spark.kubernetes.authenticate.oauthTokenFile": str(token),
        "spark.kubernetes.authenticate.caCertFile": str(release.api.authority),
        "spark.ui.enabled": "false",
        # No executor ever registers.
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "0s",
    }


def test_executors_are_admitted_and_removed(prod_release: Release, tmp_path: Path) -> None:
    created = prod_release.api.create(driver_pod(prod_release), prod_release.namespace)
    assert created.status_code == 201, created.text
    log = tmp_path / "spark.log"
    with in_a_pod(prod_release, "run", tmp_path) as token, log.open("w") as output:
        config = properties(prod_release, tmp_path, token)
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.deployment.spark_driver", json.dumps(config)],
            stdin=subprocess.PIPE, stdout=output, stderr=output, text=True,
        )  # fmt: skip
    with driver:
        wait_for(prod_release, int(config["spark.executor.instances"]), driver, log)
        for pod in executors(prod_release):
            spec = pod["spec"]
            assert violations(spec) == set()
            assert spec["serviceAccountName"] == "igniteflow-spark-executor"
            assert spec["automountServiceAccountToken"] is False
            (owner,) = pod["metadata"]["ownerReferences"]
            assert owner["name"] == DRIVER
        assert driver.stdin is not None
        driver.stdin.close()
        wait_for(prod_release, 0, driver, log)
        assert driver.wait(60) == 0, log.read_text()[-3_000:]
    assert "forbidden" not in log.read_text().lower()
