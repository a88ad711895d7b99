"""A real Kubernetes API takes the chart: it is installed, upgraded and taken away again."""

import copy

import pytest

from tests.deployment.chart import Resource, named, of_kind
from tests.deployment.chart_release import Release, lost, new_release
from tests.deployment.kube_apiserver import KubeApiserver

pytestmark = pytest.mark.slow

KEPT = ("PersistentVolumeClaim", "igniteflow-shared")


def kinds_and_names(resources: list[Resource]) -> set[tuple[str, str]]:
    return {(resource["kind"], resource["metadata"]["name"]) for resource in resources}


def losses(release: Release) -> dict[str, list[str]]:
    found = {
        f"{resource['kind']} {resource['metadata']['name']}": lost(
            resource, release.stored(resource)
        )
        for resource in release.asked()
    }
    assert len(found) > 40
    return {name: places for name, places in found.items() if places}


def test_everything_is_stored_as_it_was_asked_for(release: Release) -> None:
    assert losses(release) == {}


def test_no_field_is_unknown_to_the_server_or_given_twice(release: Release) -> None:
    empty = new_release(release.api, release.environment, f"{release.namespace}-strict")
    texts = release.texts()
    assert len(texts) == len(release.asked() + release.hooks())
    for text in texts:
        answer = release.api.tried(text, empty.namespace)
        assert answer.is_success, answer.text


@pytest.mark.parametrize("field", ["maxUnavailable: 1", "maxUnavailables: 1"])
def test_such_a_field_would_be_told(field: str, kubernetes_api: KubeApiserver) -> None:
    text = f"""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {{name: broken}}
        spec:
          maxUnavailable: 2
          {field}
    """
    answer = kubernetes_api.tried(text, "default")
    assert answer.status_code == 400
    assert field.partition(":")[0] in answer.json()["message"]


def test_a_value_that_the_server_changed_would_be_found(release: Release) -> None:
    asked = copy.deepcopy(named(release.asked(), "Deployment", "serving"))
    stored = release.stored(asked)
    (container,) = asked["spec"]["template"]["spec"]["containers"]
    container["securityContext"]["readOnlyRootFilesystem"] = False
    container["unheardOf"] = 1
    place = ".spec.template.spec.containers[0]"
    assert lost(asked, stored) == [
        f"{place}.securityContext.readOnlyRootFilesystem: False became True",
        f"{place}.unheardOf: 1 became None",
    ]


def test_an_upgrade_changes_what_is_there_and_takes_away_the_rest(
    kubernetes_api: KubeApiserver,
) -> None:
    release = new_release(kubernetes_api, "staging", "upgraded")
    release.install()
    before = release.asked()
    release.upgrade(
        "--set=mlflow.enabled=false,autoscaling.enabled=false,replicaCount=3",
        "--set=execution.executor=k8s,image.tag=0.2.0,settings.telemetry.log_level=DEBUG",
        "--set=istio.enabled=true",
    )
    assert losses(release) == {}
    assert release.stored(named(before, "Deployment", "serving"))["spec"]["replicas"] == 3
    gone = kinds_and_names(before) - kinds_and_names(release.asked())
    assert ("Deployment", "igniteflow-mlflow") in gone
    assert ("HorizontalPodAutoscaler", "igniteflow-serving") in gone
    assert not gone & release.everything()


def test_a_rollback_brings_back_what_an_upgrade_took_away(kubernetes_api: KubeApiserver) -> None:
    release = new_release(kubernetes_api, "prod", "rolled-back")
    release.install()
    before = release.everything()
    release.upgrade("--set=mlflow.enabled=false,podSecurity.runAsUser=20000")
    release.helm("rollback", "igniteflow", "--no-hooks")
    serving = release.stored(named(release.asked(), "Deployment", "serving"))
    assert serving["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == 10001
    assert {item for item in release.everything() if "sh.helm" not in item[1]} == {
        item for item in before if "sh.helm" not in item[1]
    }


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_uninstalling_leaves_the_shared_volume_alone(
    environment: str, kubernetes_api: KubeApiserver
) -> None:
    release = new_release(kubernetes_api, environment, f"{environment}-uninstalled")
    before = release.everything()
    release.install()
    assert of_kind(release.asked(), "PersistentVolumeClaim")
    release.helm("uninstall", "igniteflow", "--no-hooks")
    assert release.everything() - before == {KEPT}
