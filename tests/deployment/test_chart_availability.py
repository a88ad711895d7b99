"""Probes, scaling and budgets: what keeps pods up, and that its absence would be noticed."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment.chart import Resource, named, of_kind

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def lacks(resources: list[Resource]) -> Iterator[str]:
    """What a workload that stays up would need, and does not have."""
    deployments = {d["metadata"]["name"]: d["spec"] for d in of_kind(resources, "Deployment")}
    scalers = {
        scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]
        for scaler in of_kind(resources, "HorizontalPodAutoscaler")
    }
    budgets = [
        b["spec"]["selector"]["matchLabels"] for b in of_kind(resources, "PodDisruptionBudget")
    ]
    for name in set(scalers) - set(deployments):
        yield f"{name} is scaled and not there"
    for name, spec in deployments.items():
        pod, scaler = spec["template"], scalers.get(name)
        for container in pod["spec"]["containers"]:
            yield from (f"{name} has no {probe}" for probe in PROBES if probe not in container)
            if scaler and "cpu" not in container["resources"]["requests"]:
                yield f"{name} is scaled by a share of no CPU"
        if bool(scaler) == ("replicas" in spec):
            yield f"the size of {name} is said twice or not at all"
        if scaler and not 2 <= scaler["minReplicas"] < scaler["maxReplicas"]:
            yield f"{name} is not scaled between two and more"
        smallest = scaler["minReplicas"] if scaler else spec.get("replicas", 1)
        labels = pod["metadata"]["labels"].items()
        if smallest > 1 and not any(budget.items() <= labels for budget in budgets):
            yield f"{name} has no budget"


def serving(resources: list[Resource]) -> Resource:
    (container,) = named(resources, "Deployment", "serving")["spec"]["template"]["spec"][
        "containers"
    ]
    return container


def scaler(resources: list[Resource]) -> Resource:
    found: Resource = named(resources, "HorizontalPodAutoscaler", "serving")["spec"]
    return found


BREAKS: dict[str, tuple[str, Callable[[list[Resource]], Any]]] = {
    **{
        probe: (f"has no {probe}", lambda resources, probe=probe: serving(resources).pop(probe))
        for probe in PROBES
    },
    "a scaler of something else": (
        "is scaled and not there",
        lambda resources: scaler(resources)["scaleTargetRef"].update(name="x"),
    ),
    "no scaler": (
        "is said twice or not at all",
        lambda resources: resources.remove(named(resources, "HorizontalPodAutoscaler", "serving")),
    ),
    "replicas beside the scaler": (
        "is said twice or not at all",
        lambda resources: named(resources, "Deployment", "serving")["spec"].update(replicas=1),
    ),
    "a scaler that may leave one pod": (
        "is not scaled between two and more",
        lambda resources: scaler(resources).update(minReplicas=1),
    ),
    "a scaler that cannot scale": (
        "is not scaled between two and more",
        lambda resources: scaler(resources).update(maxReplicas=2),
    ),
    "no request for the CPU that is scaled by": (
        "is scaled by a share of no CPU",
        lambda resources: serving(resources)["resources"]["requests"].pop("cpu"),
    ),
    "no budget": (
        "has no budget",
        lambda resources: resources.remove(named(resources, "PodDisruptionBudget", "serving")),
    ),
    "a budget of other pods": (
        "has no budget",
        lambda resources: named(resources, "PodDisruptionBudget", "serving")["spec"]["selector"][
            "matchLabels"
        ].update({"igniteflow.io/component": "x"}),
    ),
}


def test_what_stays_up_lacks_nothing(resources: list[Resource]) -> None:
    assert len(of_kind(resources, "Deployment")) >= 7
    assert list(lacks(resources)) == []


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_missing_would_be_noticed(broken: str, prod: list[Resource]) -> None:
    told, break_it = BREAKS[broken]
    resources = copy.deepcopy(prod)
    break_it(resources)
    assert any(told in lack for lack in lacks(resources))
