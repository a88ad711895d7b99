"""Pod Security "restricted", as a real Kubernetes API enforces it, takes every pod of the chart."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.deployment.chart import Resource, named, pod_templates
from tests.deployment.chart_release import Release, pod

pytestmark = pytest.mark.slow

TAKEN_AWAY: dict[str, Callable[[Resource], Any]] = {
    "runAsNonRoot": lambda spec: [
        part["securityContext"].pop("runAsNonRoot") for part in (spec, *spec["containers"])
    ],
    "runAsUser": lambda spec: spec["securityContext"].update(runAsUser=0),
    "seccompProfile": lambda spec: spec["securityContext"].pop("seccompProfile"),
    "allowPrivilegeEscalation": lambda spec: spec["containers"][0]["securityContext"].pop(
        "allowPrivilegeEscalation"
    ),
    "capabilities": lambda spec: spec["containers"][0]["securityContext"].pop("capabilities"),
    "hostNetwork": lambda spec: spec.update(hostNetwork=True),
    "hostPath": lambda spec: spec["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
}
"""By what the refusal names."""


def executor_template(release: Release) -> Resource:
    """What Spark starts the executors of a run from; it names the image and the account itself."""
    text = named(release.asked(), "ConfigMap", "executor")["data"]["executor.yaml"]
    template: Resource = yaml.safe_load(text)
    template["spec"]["containers"][0]["image"] = "spark"
    return template


def test_every_pod_is_admitted(release: Release) -> None:
    templates = dict(pod_templates(release.asked() + release.hooks()))
    assert "igniteflow-maintenance-migrate" in templates
    assert len(templates) >= 9
    templates["executor"] = executor_template(release)
    for name, template in templates.items():
        answer = release.api.tried(pod(template), release.namespace)
        assert answer.status_code == 201, (name, answer.text)


@pytest.mark.parametrize("default", TAKEN_AWAY)
def test_no_pod_is_admitted_without(default: str, release: Release) -> None:
    for name, template in pod_templates(release.asked()):
        broken = copy.deepcopy(template)
        broken["spec"].setdefault("volumes", [])
        TAKEN_AWAY[default](broken["spec"])
        answer = release.api.tried(pod(broken), release.namespace)
        assert answer.status_code == 403, (name, answer.text)
        assert 'violates PodSecurity "restricted' in answer.json()["message"]
        assert default in answer.json()["message"]


def test_no_pod_is_admitted_under_an_account_that_the_chart_does_not_make(
    release: Release,
) -> None:
    template = copy.deepcopy(dict(pod_templates(release.asked()))["igniteflow-serving"])
    template["spec"]["serviceAccountName"] = "stranger"
    answer = release.api.tried(pod(template), release.namespace)
    assert answer.status_code == 403
    assert "stranger" in answer.json()["message"]
