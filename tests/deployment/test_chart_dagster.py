"""Dagster and the settings read what the chart writes, and a run's pod is as the chart means it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import kubernetes
import kubernetes_validate
import pytest
import yaml

from igniteflow_core.config.load import load_settings
from tests.deployment.chart import Resource, named, pod_templates
from tests.deployment.test_chart_security import violations


@dg.op
def nothing() -> None:
    pass


@dg.job
def small_job() -> None:
    nothing()


@pytest.fixture(scope="module")
def dagster_yaml(prod: list[Resource]) -> dict[str, Any]:
    configuration: dict[str, Any] = yaml.safe_load(
        named(prod, "ConfigMap", "dagster")["data"]["dagster.yaml"]
    )
    return configuration


@pytest.fixture(scope="module")
def run_job(dagster_yaml: dict[str, Any]) -> Resource:
    """The Job that Dagster's launcher asks Kubernetes for, by the chart's dagster.yaml."""
    # There is no Postgres here; everything else is taken as it is.
    overrides = {name: value for name, value in dagster_yaml.items() if name != "storage"}
    created: list[Any] = []

    def create(api: object, *, body: Any, namespace: str, **options: object) -> None:
        created.append(body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes.config, "load_incluster_config", lambda: None)
        patch.setattr(kubernetes.client.BatchV1Api, "create_namespaced_job", create)
        with dg.instance_for_test(overrides=overrides) as instance:
            origin = dg.reconstructable(small_job).get_python_origin()
            run = instance.create_run_for_job(small_job, job_code_origin=origin)
            instance.launch_run(run.run_id, workspace=None)
    (job,) = created
    made: Resource = kubernetes.client.ApiClient().sanitize_for_serialization(job)
    return made


def test_the_storage_reads_its_password_from_the_environment(dagster_yaml: dict[str, Any]) -> None:
    postgres = dagster_yaml["storage"]["postgres"]["postgres_db"]
    assert postgres["password"] == {"env": "DAGSTER_PG_PASSWORD"}
    assert postgres["params"]["sslmode"] == "verify-full"


def test_a_runs_pod_is_restricted_and_cleans_up_after_itself(run_job: Resource) -> None:
    kubernetes_validate.validate(run_job, "1.33", strict=True)
    pod = run_job["spec"]["template"]["spec"]
    assert violations(pod) == set()
    assert pod["serviceAccountName"] == "igniteflow-run"
    assert run_job["spec"]["ttlSecondsAfterFinished"] == 86_400


def test_a_runs_pod_has_the_labels_that_network_policies_select(
    run_job: Resource, prod: list[Resource]
) -> None:
    labels = run_job["spec"]["template"]["metadata"]["labels"]
    selected = named(prod, "NetworkPolicy", "run")["spec"]["podSelector"]["matchLabels"]
    assert selected.items() <= labels.items()


def test_a_runs_pod_mounts_only_what_the_chart_makes(
    run_job: Resource, prod: list[Resource]
) -> None:
    pod = run_job["spec"]["template"]["spec"]
    maps = {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    made = {r["metadata"]["name"] for r in prod if r["kind"] == "ConfigMap"}
    assert maps - made == {"rds-ca"}
    mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def variables(container: Resource) -> dict[str, str]:
    """As Kubernetes would set them: secrets with JSON of no effect, references to itself filled."""
    values: dict[str, str] = {}
    for variable in container["env"]:
        value = variable.get("value", "10.0.0.1" if "fieldRef" in str(variable) else "")
        if "secretKeyRef" in variable.get("valueFrom", {}):
            value = SECRETS.get(variable["name"], "secret")
        for name, known in values.items():
            value = value.replace(f"$({name})", known)
        values[variable["name"]] = value
    return values


SECRETS = {
    "IGNITEFLOW_SERVING__API_KEYS": json.dumps([{"name": "shop", "sha256": "0" * 64}]),
    "IGNITEFLOW_STREAM__SOURCE_OPTIONS": '{"kafka.security.protocol": "SASL_SSL"}',
    "IGNITEFLOW_STREAM__CLIENT_OPTIONS": '{"security.protocol": "SASL_SSL"}',
}


@pytest.fixture
def overlay(tmp_path: Path, resources: list[Resource]) -> Path:
    file = tmp_path / "settings.json"
    file.write_text(named(resources, "ConfigMap", "settings")["data"]["settings.json"])
    return file


def containers(resources: list[Resource]) -> Iterator[Resource]:
    """Every container that loads the settings, a run's among them."""
    for _, pod in pod_templates(resources):
        for container in pod["spec"]["containers"]:
            if any(variable["name"] == "IGNITEFLOW_ENV" for variable in container.get("env", [])):
                yield container
    dagster = yaml.safe_load(named(resources, "ConfigMap", "dagster")["data"]["dagster.yaml"])
    yield dagster["run_launcher"]["config"]["run_k8s_config"]["container_config"] | {"name": "run"}


def test_every_pods_settings_are_valid(
    resources: list[Resource], overlay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for container in containers(resources):
        with monkeypatch.context() as environment:
            for name, value in variables(container).items():
                if name.startswith("IGNITEFLOW_"):
                    environment.setenv(name, value)
            environment.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
            settings = load_settings()
        assert settings.serving.host == "0.0.0.0"
        assert settings.mlflow.tracking_uri == "http://igniteflow-mlflow:5000"
        if container["name"] == "run":
            assert settings.spark.master.startswith("k8s://")
            assert settings.spark.config["spark.driver.host"] == "10.0.0.1"
        else:
            assert settings.spark.master == "local[*]"


def test_the_ports_of_spark_are_those_that_the_network_lets_through(prod: list[Resource]) -> None:
    (run,) = (container for container in containers(prod) if container["name"] == "run")
    config = json.loads(variables(run)["IGNITEFLOW_SPARK__CONFIG"])
    ports = {int(config["spark.driver.port"]), int(config["spark.driver.blockManager.port"])}
    (rule,) = named(prod, "NetworkPolicy", "run")["spec"]["ingress"]
    assert {port["port"] for port in rule["ports"]} == ports
