"""With ``execution.executor: k8s`` each step gets a pod as a run's, by Dagster's own executor."""

from typing import Any

import dagster as dg
import kubernetes
import kubernetes_validate
import pytest
import yaml

from igniteflow_core.config.load import load_settings
from igniteflow_resources.executor import executor
from tests.deployment.chart import Resource, named, render
from tests.deployment.test_chart_dagster import nothing, variables
from tests.deployment.test_chart_security import violations


@dg.graph
def one_step() -> None:
    nothing()


def stepwise_job() -> dg.JobDefinition:
    return one_step.to_job(executor_def=executor(load_settings().execution))


@pytest.fixture(scope="module")
def chart() -> list[Resource]:
    return render("--set=execution.executor=k8s", environment="prod")


@pytest.fixture(scope="module")
def step_job(chart: list[Resource], tmp_path_factory: pytest.TempPathFactory) -> Resource:
    """The Job that the executor asks Kubernetes for, by the chart's settings and dagster.yaml."""

    class AskedError(Exception):
        pass

    created: list[Any] = []

    def create(api: object, *, body: Any, namespace: str, **options: object) -> None:
        created.append((namespace, body))
        raise AskedError

    def end(api: object, **options: object) -> None:
        """A step that could not be started is ended."""
        raise AskedError

    settings = tmp_path_factory.mktemp("settings") / "settings.json"
    settings.write_text(named(chart, "ConfigMap", "settings")["data"]["settings.json"])
    configuration = yaml.safe_load(named(chart, "ConfigMap", "dagster")["data"]["dagster.yaml"])
    # There is no Postgres here; everything else is taken as it is.
    overrides = {name: value for name, value in configuration.items() if name != "storage"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IGNITEFLOW_CONFIG_PATH", str(settings))
        patch.setattr(kubernetes.config, "load_incluster_config", lambda: None)
        patch.setattr(kubernetes.client.BatchV1Api, "create_namespaced_job", create)
        patch.setattr(kubernetes.client.CoreV1Api, "list_namespaced_pod", end)
        with dg.instance_for_test(overrides=overrides) as instance, pytest.raises(AskedError):
            dg.execute_job(dg.reconstructable(stepwise_job), instance, raise_on_error=True)
    ((namespace, job),) = created
    assert namespace == "igniteflow"
    made: Resource = kubernetes.client.ApiClient().sanitize_for_serialization(job)
    return made


def test_a_steps_pod_is_restricted_and_named_as_a_runs(
    step_job: Resource, chart: list[Resource]
) -> None:
    kubernetes_validate.validate(step_job, "1.33", strict=True)
    pod = step_job["spec"]["template"]
    assert violations(pod["spec"]) == set()
    assert pod["spec"]["serviceAccountName"] == "igniteflow-run"
    selected = named(chart, "NetworkPolicy", "run")["spec"]["podSelector"]["matchLabels"]
    assert selected.items() <= pod["metadata"]["labels"].items()


def test_a_steps_pod_is_a_spark_driver_of_its_own(step_job: Resource) -> None:
    (container,) = step_job["spec"]["template"]["spec"]["containers"]
    assert container["args"][:3] == ["dagster", "api", "execute_step"]
    known = variables(container)
    assert known["IGNITEFLOW_SPARK__MASTER"].startswith("k8s://")
    assert '"spark.driver.host":"10.0.0.1"' in known["IGNITEFLOW_SPARK__CONFIG"]


def test_a_run_may_make_the_jobs_of_its_steps(chart: list[Resource]) -> None:
    rules = named(chart, "Role", "run")["rules"]
    verbs = {verb for rule in rules if "jobs" in rule["resources"] for verb in rule["verbs"]}
    assert {"create", "get", "delete"} <= verbs


def test_the_settings_that_the_pods_mount_are_those_of_the_chart(
    step_job: Resource, chart: list[Resource]
) -> None:
    pod = step_job["spec"]["template"]["spec"]
    mounted = {v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v}
    assert named(chart, "ConfigMap", "settings")["metadata"]["name"] in mounted
