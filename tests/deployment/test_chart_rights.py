"""What each service account may do, by the word of a real Kubernetes API."""

from typing import Any

import pytest

from tests.deployment.chart import of_kind
from tests.deployment.chart_release import Release

pytestmark = pytest.mark.slow

Action = tuple[str, str, str]
"""Verb, group, and resource with its subresource."""

WATCH = ("get", "list", "watch")


def actions(group: str, resource: str, *verbs: str) -> set[Action]:
    return {(verb, group, resource) for verb in verbs}


NEEDED: dict[str, set[Action]] = {
    "daemon": actions("batch", "jobs", "create", "delete", *WATCH)
    | actions("batch", "jobs/status", "get")
    | actions("", "pods", "delete", *WATCH)
    | actions("", "pods/log", "get")
    | actions("", "events", "list"),
    "webserver": actions("batch", "jobs", "get", "delete") | actions("", "pods", "list", "delete"),
    "run": actions("", "pods", "create", "delete", "deletecollection", *WATCH)
    | actions("", "configmaps", "create", "list", "delete", "deletecollection"),
}
"""What Dagster asks for to launch, follow and end runs, and Spark for its executors."""

LAUNCHES = actions("batch", "jobs", "create") | actions("", "pods", "create")
DANGEROUS = (
    actions("", "secrets", "create", *WATCH)
    | actions("", "pods/exec", "create", "get")
    | actions("", "pods/ephemeralcontainers", "patch")
    | actions("", "serviceaccounts/token", "create")
    | actions("", "persistentvolumeclaims", "create", "delete")
    | actions("", "configmaps", "update", "patch")
    | actions("apps", "deployments", "create", "update", "patch", "delete")
    | actions("rbac.authorization.k8s.io", "roles", "create", "update", "patch", "bind", "escalate")
    | actions("rbac.authorization.k8s.io", "rolebindings", "create", "update", "patch")
    | actions("networking.k8s.io", "networkpolicies", "create", "update", "patch", "delete")
    | actions("", "serviceaccounts", "impersonate")
)


def accounts(release: Release) -> dict[str, str]:
    """A token of each account, by the component."""
    names = [account["metadata"]["name"] for account in of_kind(release.asked(), "ServiceAccount")]
    assert len(names) >= 10
    return {
        name.removeprefix("igniteflow-"): release.api.token(release.namespace, name)
        for name in names
    }


def reviewed(release: Release, token: str, kind: str, spec: Any) -> Any:
    """What the server answers the account that asks for its own rights."""
    path = f"/apis/authorization.k8s.io/v1/selfsubject{kind}reviews"
    answer = release.api.ask("POST", path, {"spec": spec}, token=token)
    return answer.raise_for_status().json()["status"]


def allowed(release: Release, token: str, asked: set[Action]) -> set[Action]:
    def may(action: Action) -> bool:
        verb, group, resource = action
        resource, _, subresource = resource.partition("/")
        about = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        spec = {"resourceAttributes": about | {"namespace": release.namespace}}
        return bool(reviewed(release, token, "access", spec)["allowed"])

    return {action for action in asked if may(action)}


def groups(release: Release, token: str, namespace: str) -> set[str]:
    """The API groups of which the account may do anything at all there.

    Beyond asking about itself, as everybody may.
    """
    known = reviewed(release, token, "rules", {"namespace": namespace})
    assert not known["incomplete"]
    found = {group for rule in known["resourceRules"] for group in rule["apiGroups"]}
    assert "authorization.k8s.io" in found
    return found - {"authorization.k8s.io", "authentication.k8s.io"}


def test_dagster_and_spark_may_do_what_they_need(release: Release) -> None:
    tokens = accounts(release)
    for component, needed in NEEDED.items():
        assert allowed(release, tokens[component], needed) == needed, component


def test_each_account_launches_only_what_is_its_own(release: Release) -> None:
    launches = {
        component: allowed(release, token, LAUNCHES)
        for component, token in accounts(release).items()
    }
    assert {component: found for component, found in launches.items() if found} == {
        "daemon": actions("batch", "jobs", "create"),
        "run": actions("", "pods", "create"),
    }


def test_no_account_reaches_secrets_or_can_give_itself_more(release: Release) -> None:
    tokens = accounts(release)
    for component in NEEDED:
        assert allowed(release, tokens[component], DANGEROUS) == set(), component


def test_accounts_that_do_not_call_kubernetes_hold_no_rights(release: Release) -> None:
    for component, token in accounts(release).items():
        assert bool(groups(release, token, release.namespace)) == (component in NEEDED), component


@pytest.mark.parametrize("namespace", ["kube-system", "default"])
def test_no_account_reaches_another_namespace_or_the_cluster(
    namespace: str, release: Release
) -> None:
    for component, token in accounts(release).items():
        assert groups(release, token, namespace) == set(), component
