"""Values of the chart and a Secret that the specification shows."""

import base64
import json
import re
import subprocess
from collections.abc import Sequence

import kubernetes_validate
import pytest
import yaml

from tests.deployment.chart import (
    CHART,
    CUSTOM_RESOURCES,
    Resource,
    helm,
    named,
    of_kind,
    parsed,
    pod_templates,
)
from tests.specification.snippets import snippet


@pytest.fixture(scope="module")
def installed() -> list[Resource]:
    """What `helm install … --values values-production.yaml` would install."""
    return with_values(f"--values={snippet('values-production.yaml')}")


def with_values(*options: str) -> list[Resource]:
    command = [helm(), "template", "igniteflow", str(CHART), "--namespace=igniteflow"]
    command += ["--kube-version=1.33.0", *options]
    return parsed(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def container(resource: Resource) -> Resource:
    found: Resource = resource["spec"]["template"]["spec"]["containers"][0]
    return found


def run_variables(resources: Sequence[Resource]) -> dict[str, Resource]:
    """The variables of a run's pod, by name."""
    dagster = yaml.safe_load(named(list(resources), "ConfigMap", "dagster")["data"]["dagster.yaml"])
    run = dagster["run_launcher"]["config"]["run_k8s_config"]["container_config"]
    return {variable["name"]: variable for variable in run["env"]}


def test_the_values_of_production_install(installed: list[Resource]) -> None:
    lint = [helm(), "lint", "--strict", str(CHART), "--values", snippet("values-production.yaml")]
    subprocess.run(lint, capture_output=True, text=True, check=True)
    for resource in installed:
        if resource["kind"] not in CUSTOM_RESOURCES:
            kubernetes_validate.validate(resource, "1.33", strict=True)


def test_image_and_scaling_are_those_of_the_values(installed: list[Resource]) -> None:
    daemon = container(named(installed, "Deployment", "daemon"))
    assert daemon["image"] == "igniteflow/igniteflow:1.0.0"
    (scaler,) = of_kind(installed, "HorizontalPodAutoscaler")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 10)
    fixed = with_values(
        f"--values={snippet('values-production.yaml')}", "--set=autoscaling.enabled=false"
    )
    assert named(fixed, "Deployment", "serving")["spec"]["replicas"] == 3


def test_spark_has_the_driver_and_the_executors_of_the_values(installed: list[Resource]) -> None:
    variables = run_variables(installed)
    assert variables["IGNITEFLOW_SPARK__DRIVER_MEMORY"]["value"] == "4g"
    config = json.loads(variables["IGNITEFLOW_SPARK__CONFIG"]["value"])
    assert config["spark.executor.instances"] == "10"
    assert (config["spark.executor.cores"], config["spark.executor.memory"]) == ("4", "8g")


def test_without_spark_a_run_works_in_its_own_pod() -> None:
    off = run_variables(
        with_values(f"--values={snippet('values-production.yaml')}", "--set=spark.enabled=false")
    )
    assert off["IGNITEFLOW_SPARK__MASTER"]["value"] == "local[*]"
    assert off["IGNITEFLOW_SPARK__DRIVER_MEMORY"]["value"] == "4g"
    assert off["IGNITEFLOW_SPARK__CONFIG"]["value"] == "{}"


def test_the_server_of_mlflow_is_the_one_that_the_values_name(installed: list[Resource]) -> None:
    settings = json.loads(named(installed, "ConfigMap", "settings")["data"]["settings.json"])
    assert settings["mlflow"]["tracking_uri"] == "https://mlflow.company.com"
    assert not any("mlflow" in name for name, _ in pod_templates(installed))


def test_prometheus_and_grafana_are_told(installed: list[Resource]) -> None:
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule"):
        assert len(of_kind(installed, kind)) == 1
    boards = [r for r in of_kind(installed, "ConfigMap") if "grafana_dashboard" in str(r)]
    assert len(boards) == 5


def test_nobody_comes_in_where_nobody_may_sign_in(installed: list[Resource]) -> None:
    assert not any("auth-proxy" in name for name, _ in pod_templates(installed))
    assert not of_kind(installed, "Ingress")


def test_the_keys_of_the_secret_reach_those_who_need_them(installed: list[Resource]) -> None:
    text = snippet("secret.yaml").read_text()
    coded = base64.b64encode(b"value").decode()
    secret = yaml.safe_load(re.sub("<base64-encoded>", coded, text))
    kubernetes_validate.validate(secret, "1.33", strict=True)
    template = yaml.safe_load(named(installed, "ConfigMap", "executor")["data"]["executor.yaml"])
    needing = {
        "run": list(run_variables(installed).values()),
        "executor": template["spec"]["containers"][0]["env"],
        "code-location": container(named(installed, "Deployment", "code-location"))["env"],
    }
    for who, variables in needing.items():
        taken = {
            variable["valueFrom"]["secretKeyRef"]["key"]: variable["name"]
            for variable in variables
            if variable.get("valueFrom", {}).get("secretKeyRef", {}).get("name")
            == secret["metadata"]["name"]
        }
        assert taken.keys() == secret["data"].keys(), who
        assert sorted(taken.values()) == [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "MLFLOW_TRACKING_TOKEN",
        ]


def test_further_variables_reach_every_pod_of_the_platform(installed: list[Resource]) -> None:
    resources = with_values(
        f"--values={snippet('values-production.yaml')}",
        "--set=extraEnv[0].name=AWS_REGION,extraEnv[0].value=us-east-1",
    )
    given = {"name": "AWS_REGION", "value": "us-east-1"}
    assert run_variables(resources)["AWS_REGION"] == given
    for component in ("daemon", "code-location", "serving"):
        assert given in container(named(resources, "Deployment", component))["env"]
