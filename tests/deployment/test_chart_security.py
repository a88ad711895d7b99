"""Pods are restricted, accounts hold little, and the network allows what is needed alone."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.deployment.chart import (
    Resource,
    component,
    named,
    of_kind,
    pod_templates,
    render,
)


def violations(pod: Resource) -> set[str]:
    """What a pod's spec lacks of the Pod Security Standard "restricted", and of our own rules."""
    context = pod.get("securityContext", {})
    found = set()
    if not (context.get("runAsNonRoot") and context.get("runAsUser", 0) > 0):
        found.add("root")
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        found.add("seccomp")
    if pod.get("enableServiceLinks", True):
        found.add("service links")
    if any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
        found.add("host")
    if any("hostPath" in volume for volume in pod.get("volumes", [])):
        found.add("host path")
    for container in pod["containers"] + pod.get("initContainers", []):
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation", True) or own.get("privileged"):
            found.add("privileges")
        if not own.get("readOnlyRootFilesystem"):
            found.add("writable root")
        if own.get("capabilities") != {"drop": ["ALL"]}:
            found.add("capabilities")
    return found


BREAKS: dict[str, Callable[[Resource], Any]] = {
    "root": lambda pod: pod["securityContext"].update(runAsUser=0),
    "seccomp": lambda pod: pod["securityContext"].pop("seccompProfile"),
    "service links": lambda pod: pod.pop("enableServiceLinks"),
    "host": lambda pod: pod.update(hostNetwork=True),
    "host path": lambda pod: pod["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    "privileges": lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
    "writable root": lambda pod: pod["containers"][0]["securityContext"].update(
        readOnlyRootFilesystem=False
    ),
    "capabilities": lambda pod: pod["containers"][0]["securityContext"].pop("capabilities"),
}


def test_every_pod_is_restricted(resources: list[Resource]) -> None:
    pods = dict(pod_templates(resources))
    assert len(pods) >= 9
    assert {
        name: violations(pod["spec"]) for name, pod in pods.items() if violations(pod["spec"])
    } == {}


def test_spark_executors_are_restricted(resources: list[Resource]) -> None:
    executor = yaml.safe_load(named(resources, "ConfigMap", "executor")["data"]["executor.yaml"])
    assert violations(executor["spec"]) == set()
    assert executor["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("violation", BREAKS)
def test_a_pod_that_breaks_a_rule_is_found(violation: str, prod: list[Resource]) -> None:
    pod = copy.deepcopy(dict(pod_templates(prod))["igniteflow-serving"]["spec"])
    BREAKS[violation](pod)
    assert violations(pod) == {violation}


def test_only_pods_that_call_kubernetes_get_a_token(resources: list[Resource]) -> None:
    with_token = {
        name
        for name, pod in pod_templates(resources)
        if pod["spec"]["automountServiceAccountToken"]
    }
    assert with_token == {"igniteflow-webserver", "igniteflow-daemon"}
    accounts = of_kind(resources, "ServiceAccount")
    assert not any(account["automountServiceAccountToken"] for account in accounts)


def test_every_pod_has_an_account_of_its_own(resources: list[Resource]) -> None:
    accounts = {account["metadata"]["name"] for account in of_kind(resources, "ServiceAccount")}
    for _, pod in pod_templates(resources):
        name = pod["spec"]["serviceAccountName"]
        assert name in accounts
        assert name == f"igniteflow-{component(pod)}"


def may(resources: list[Resource], verb: str, resource: str) -> set[str]:
    """The accounts that may do it, by the roles bound to them."""
    able = set()
    for binding in of_kind(resources, "RoleBinding"):
        role = named(resources, "Role", binding["roleRef"]["name"].removeprefix("igniteflow-"))
        if any(verb in rule["verbs"] and resource in rule["resources"] for rule in role["rules"]):
            able |= {subject["name"] for subject in binding["subjects"]}
    return able


def test_only_the_daemon_launches_runs_and_only_runs_start_executors(
    resources: list[Resource],
) -> None:
    assert may(resources, "create", "jobs") == {"igniteflow-daemon"}
    assert may(resources, "create", "pods") == {"igniteflow-run"}
    assert may(resources, "delete", "jobs") == {"igniteflow-daemon", "igniteflow-webserver"}


def test_a_pod_for_each_step_lets_runs_create_jobs() -> None:
    resources = render("--set=execution.executor=k8s")
    assert may(resources, "create", "jobs") == {"igniteflow-daemon", "igniteflow-run"}


def test_no_role_reaches_secrets_or_other_namespaces(resources: list[Resource]) -> None:
    assert of_kind(resources, "ClusterRole", "ClusterRoleBinding") == []
    for role in of_kind(resources, "Role"):
        for rule in role["rules"]:
            assert not {"*", "secrets", "roles", "rolebindings"} & set(rule["resources"])
            assert not {"*", "escalate", "bind", "impersonate"} & set(rule["verbs"])


def test_secrets_are_named_and_never_made(resources: list[Resource]) -> None:
    assert of_kind(resources, "Secret") == []
    for _, pod in pod_templates(resources):
        for container in pod["spec"]["containers"]:
            for variable in container.get("env", []):
                if any(word in variable["name"] for word in ("PASSWORD", "SECRET", "KEYS", "URI")):
                    assert "secretKeyRef" in variable["valueFrom"], variable["name"]


def test_every_secret_that_a_pod_reads_is_fetched_in_prod(prod: list[Resource]) -> None:
    read = {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for _, pod in pod_templates(prod)
        for container in pod["spec"]["containers"]
        for variable in container.get("env", [])
        if "secretKeyRef" in variable.get("valueFrom", {})
    }
    fetched = {secret["spec"]["target"]["name"] for secret in of_kind(prod, "ExternalSecret")}
    assert read
    assert read == fetched


def test_prod_runs_images_by_digest(prod: list[Resource]) -> None:
    for name, pod in pod_templates(prod):
        for container in pod["spec"]["containers"]:
            if container["name"] != "oauth2-proxy":
                assert "@sha256:" in container["image"], name


def test_people_reach_dagster_and_mlflow_through_the_proxy_alone(prod: list[Resource]) -> None:
    (ingress,) = of_kind(prod, "Ingress")
    behind = {
        path["backend"]["service"]["name"]
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert behind == {
        f"igniteflow-auth-proxy-{name}" for name in ("webserver", "webserver-readonly", "mlflow")
    }
    assert set(ingress["spec"]["tls"][0]["hosts"]) == {
        rule["host"] for rule in ingress["spec"]["rules"]
    }
    for name in ("webserver", "mlflow"):
        arguments = named(prod, "Deployment", f"auth-proxy-{name}")["spec"]["template"]["spec"][
            "containers"
        ][0]["args"]
        assert "--allowed-group=data-platform" in arguments
        assert "--email-domain=*" not in arguments
