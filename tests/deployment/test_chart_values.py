"""Values that would be unsafe or mean nothing are refused, each with the place named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deployment.chart import (
    CHART,
    CUSTOM_RESOURCES,
    Resource,
    named,
    of_kind,
    pod_templates,
    refusal,
    render,
)

VALUES = yaml.safe_load(CHART.joinpath("values.yaml").read_text())

REFUSED = {
    "a password in the values": ("dev", "dagster.database.password=x", "password"),
    "a password in the settings": ("dev", "settings.online.redis.password=x", "/settings"),
    "an API key in the settings": ("dev", "settings.serving.api_keys[0].name=x", "/settings"),
    "a secret among Spark's properties": (
        "dev",
        r"spark.config.spark\.hadoop\.fs\.s3a\.secret\.key=x",
        "/spark/config",
    ),
    "a password among the variables": (
        "dev",
        "extraEnv[0].name=API_PASSWORD,extraEnv[0].value=x",
        "/extraEnv/0",
    ),
    "an unknown value": ("dev", "replicas=3", "replicas"),
    "an unknown environment": ("dev", "environment=test", "/environment"),
    "root": ("dev", "podSecurity.runAsUser=0", "/podSecurity/runAsUser"),
    "the tag latest": ("dev", "image.tag=latest", "/image/tag"),
    "the tag latest for serving": ("dev", "serving.image.tag=latest", "/serving/image/tag"),
    "a digest that is none": ("dev", "image.digest=sha256:abc", "/image/digest"),
    "a database without TLS": ("dev", "dagster.database.sslMode=disable", "sslMode"),
    "everybody may sign in": ("dev", "authProxy.emailDomains={*}", "/authProxy/emailDomains/0"),
    "nobody may sign in": (
        "dev",
        "authProxy.emailDomains=null,ingress.enabled=true",
        "emailDomains",
    ),
    "an identity provider without TLS": (
        "dev",
        "authProxy.issuerUrl=http://login.example.com",
        "/authProxy/issuerUrl",
    ),
    "artifacts on a pod's disk": (
        "dev",
        "mlflow.artifactsDestination=/tmp",
        "artifactsDestination",
    ),
    "no place for artifacts": ("dev", "mlflow.artifactsDestination=", "artifactsDestination"),
    "a canary of more than all": ("dev", "istio.canary.weight=101", "/istio/canary/weight"),
    "prod by tag": ("prod", "image.digest=", "/image/digest"),
    "prod serving by tag": ("prod", "serving.image.digest=", "/serving/image/digest"),
    "a prod canary by tag": ("prod", "istio.canary.enabled=true", "/istio/canary/digest"),
    "prod without network policies": ("prod", "networkPolicy.enabled=false", "/networkPolicy"),
    "prod without budgets": ("prod", "podDisruptionBudget.enabled=false", "/podDisruptionBudget"),
    "prod without migrations": ("prod", "migrations.enabled=false", "/migrations"),
    "prod with unset network policies": ("prod", "networkPolicy=null", "networkPolicy"),
    "prod with unset budgets": ("prod", "podDisruptionBudget.enabled=null", "enabled"),
    "prod with an unset digest": ("prod", "image.digest=null", "digest"),
    "an unset address of the database": ("dev", "dagster.database.host=null", "host"),
    "an identity proxy without a version": ("dev", "authProxy.image.tag=null", "/authProxy/image"),
    "prod with an unverified database": ("prod", "dagster.database.sslMode=require", "sslMode"),
    "prod that everybody in the company may change": (
        "prod",
        "authProxy.adminGroups=null",
        "adminGroups",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    environment, value, told = REFUSED[case]
    assert told in refusal(f"--set={value}", environment=environment)


def test_the_bare_defaults_ask_for_what_they_cannot_know() -> None:
    told = refusal("--values=helm/igniteflow/values.yaml", "--set=ingress.enabled=true")
    assert "artifactsDestination" in told
    assert "emailDomains" in told


def test_the_example_of_the_readme_is_accepted() -> None:
    resources = render(
        "--set=replicaCount=3,image.repository=registry.example.com/igniteflow,image.tag=1.2.3",
        "--set=spark.driver.memory=4g,spark.executor.instances=5,spark.executor.memory=8g",
        "--set=monitoring.prometheus.enabled=true,mlflow.enabled=false",
        "--set=autoscaling.enabled=true,autoscaling.maxReplicas=10",
    )
    assert resources


Nested = dict[str, Any]


def empty(values: Nested, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of the values whose default is empty."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from empty(value, (*path, key))
        elif value in ("", [], {}):
            yield (*path, key)


def unset(paths: list[tuple[str, ...]], file: Path) -> str:
    """The option that sets these values to null, as `key: null` in a file of values does."""
    values: Nested = {}
    for path in paths:
        place = values
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = None
    file.write_text(yaml.safe_dump(values))
    return f"--values={file}"


def valid(resources: list[Resource]) -> list[Resource]:
    for resource in resources:
        if resource["kind"] not in CUSTOM_RESOURCES:
            kubernetes_validate.validate(resource, "1.33", strict=True)
    return resources


def test_a_value_whose_default_is_empty_may_be_null(tmp_path: Path) -> None:
    asked_for = {("authProxy", "emailDomains"), ("mlflow", "artifactsDestination")}
    of_dev = {("settings",), ("dagster", "computeLogs", "bucket")}
    paths = [path for path in empty(VALUES) if path not in asked_for | of_dev]
    assert len(paths) > 20
    on = "--set=istio.enabled=true,ingress.enabled=true,monitoring.prometheus.enabled=true"
    assert render(on, unset(paths, tmp_path / "values.yaml")) == render(on)


PARTS: list[tuple[str, ...]] = [
    ("autoscaling",), ("externalSecrets",), ("istio",), ("migrations",), ("mlflow",),
    ("networkPolicy",), ("podDisruptionBudget",), ("serviceAccounts",), ("stream",),
    ("monitoring", "grafana"), ("monitoring", "exporter"), ("monitoring", "otlpEndpoint"),
    ("monitoring", "prometheus"),
    ("dagster", "computeLogs"), ("dagster", "readOnlyWebserver"), ("dagster", "runRetentionDays"),
    ("spark", "executorPlacement"),
]  # fmt: skip


def test_parts_that_are_null_are_off(tmp_path: Path) -> None:
    resources = valid(render(unset(PARTS, tmp_path / "values.yaml")))
    workloads = {name.removeprefix("igniteflow-") for name, _ in pod_templates(resources)}
    assert workloads == {"webserver", "daemon", "code-location", "serving", "auth-proxy-webserver"}
    assert not of_kind(resources, "NetworkPolicy", "HorizontalPodAutoscaler")


@pytest.mark.parametrize("part", [*PARTS, ("istio", "canary")], ids=".".join)
def test_a_part_that_is_null_needs_no_other_to_be_null(
    part: tuple[str, ...], tmp_path: Path
) -> None:
    assert valid(render("--set=ingress.enabled=true", unset([part], tmp_path / "values.yaml")))


def test_a_switch_that_is_null_is_off(tmp_path: Path) -> None:
    on = {path[0] for path in PARTS if VALUES[path[0]].get("enabled")}
    parts = {"autoscaling", "migrations", "mlflow", "networkPolicy", "podDisruptionBudget"}
    assert on == parts | {"spark"}
    off = render(unset([(part, "enabled") for part in on], tmp_path / "values.yaml"))
    assert off == render("--set=" + ",".join(f"{part}.enabled=false" for part in on))


def test_what_kubernetes_decides_by_itself_may_be_null(tmp_path: Path) -> None:
    """Limits, storage and ingress classes, and entries of maps that are free."""
    paths: list[tuple[str, ...]] = [
        ("serving", "resources", "limits"),
        ("mlflow", "resources"),
        ("dagster", "daemon", "resources", "limits", "memory"),
        ("dagster", "daemon", "resources", "limits", "cpu"),
        ("sharedStorage", "storageClassName"),
        ("ingress", "className"),
        ("ingress", "tlsSecret"),
        ("ingress", "annotations", "example.com/unset"),
        ("networkPolicy", "kafka"),
        ("nodeSelector", "unset"),
        ("spark", "config", "spark.unset"),
        ("monitoring", "prometheus", "labels", "unset"),
        ("monitoring", "prometheus", "interval"),
    ]
    on = "--set=ingress.enabled=true,monitoring.prometheus.enabled=true"
    resources = valid(render(on, unset(paths, tmp_path / "values.yaml")))
    assert "unset" not in yaml.safe_dump_all(resources)
    daemon = named(resources, "Deployment", "daemon")["spec"]["template"]["spec"]
    assert daemon["containers"][0]["resources"]["limits"] == {}
    (claim,) = of_kind(resources, "PersistentVolumeClaim")
    assert "storageClassName" not in claim["spec"]
    (ingress,) = of_kind(resources, "Ingress")
    assert "ingressClassName" not in ingress["spec"]


def test_executors_go_where_their_placement_says_else_where_all_pods_go() -> None:
    def selector(*options: str) -> Nested:
        template = named(render(*options), "ConfigMap", "executor")["data"]["executor.yaml"]
        found: Nested = yaml.safe_load(template)["spec"].get("nodeSelector", {})
        return found

    everywhere = "--set=nodeSelector.pool=all"
    assert selector() == {}
    assert selector(everywhere) == {"pool": "all"}
    assert selector(everywhere, "--set=spark.executorPlacement.nodeSelector.pool=spark") == {
        "pool": "spark"
    }
