"""The network policies: nothing by default, then each pair once on both sides."""

from collections.abc import Iterator

import pytest

from tests.deployment.chart import Resource, component, named, of_kind, pod_templates, render

Flow = tuple[str, str, int]


def components_of(peer: Resource) -> list[str]:
    (expression,) = peer["podSelector"]["matchExpressions"]
    assert expression["key"] == "igniteflow.io/component"
    values: list[str] = expression["values"]
    return values


def flows(resources: list[Resource], direction: str) -> Iterator[Flow]:
    """(from, to, port) between the chart's own components, as the one side allows it."""
    side = "to" if direction == "egress" else "from"
    for policy in of_kind(resources, "NetworkPolicy"):
        for rule in policy["spec"].get(direction, []):
            for peer in rule[side]:
                if "matchExpressions" not in peer.get("podSelector", {}):
                    continue
                for other in components_of(peer):
                    for port in rule["ports"]:
                        ends = component(policy), other
                        start, end = ends if direction == "egress" else ends[::-1]
                        yield start, end, port["port"]


def test_nothing_is_allowed_by_default(resources: list[Resource]) -> None:
    policy = named(resources, "NetworkPolicy", "default-deny")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(policy)
    (label,) = policy["podSelector"]["matchLabels"].items()
    for name, pod in pod_templates(resources):
        assert label in pod["metadata"]["labels"].items(), name


def test_what_one_side_may_send_the_other_may_receive(resources: list[Resource]) -> None:
    running = {component(pod) for _, pod in pod_templates(resources)} | {"run", "spark-executor"}
    sent = {
        flow for flow in flows(resources, "egress") if flow[1] in running and flow[0] in running
    }
    received = {
        flow for flow in flows(resources, "ingress") if flow[0] in running and flow[1] in running
    }
    assert len(sent) > 10
    assert sent == received


def test_every_pod_has_a_policy_of_its_own(resources: list[Resource]) -> None:
    covered = {component(policy) for policy in of_kind(resources, "NetworkPolicy")}
    assert {component(pod) for _, pod in pod_templates(resources)} <= covered


@pytest.mark.parametrize("target", ["webserver", "webserver-readonly", "mlflow"])
def test_nothing_from_outside_reaches(target: str, prod: list[Resource]) -> None:
    for rule in named(prod, "NetworkPolicy", target)["spec"]["ingress"]:
        for peer in rule["from"]:
            assert set(peer) == {"podSelector"}


def test_serving_reaches_the_online_store_and_nothing_on_the_internet(prod: list[Resource]) -> None:
    egress = named(prod, "NetworkPolicy", "serving")["spec"]["egress"]
    blocks = [
        peer["ipBlock"]["cidr"] for rule in egress for peer in rule["to"] if "ipBlock" in peer
    ]
    assert blocks == ["10.20.48.0/20"]


def test_without_policies_there_are_none() -> None:
    assert of_kind(render("--set=networkPolicy.enabled=false"), "NetworkPolicy") == []
