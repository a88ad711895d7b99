"""What the tests of the chart share: rendering it, and looking into what came out."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import installed_by

CHART = Path("helm/igniteflow")
ENVIRONMENTS = ("dev", "staging", "prod")
RELEASE = "--set=image.digest={0},serving.image.digest={0}".format("sha256:" + "0" * 64)
"""What a deployment adds to values-prod.yaml."""

CUSTOM_RESOURCES = {
    "AlertmanagerConfig", "AuthorizationPolicy", "DestinationRule", "ExternalSecret",
    "PeerAuthentication", "PodMonitor", "PrometheusRule", "ServiceMonitor", "VirtualService",
}  # fmt: skip
"""Kinds of other projects."""

Resource = dict[str, Any]


def helm() -> str:
    return installed_by("scripts/install_chart_tools.sh", "helm")


def template(
    *options: str, environment: str = "dev", chart: Path = CHART, name: str = "igniteflow"
) -> str:
    """The chart as YAML, with the values of an environment and the name of a release.

    Raises:
        CalledProcessError: helm refuses it.
    """
    values = CHART / f"values-{environment}.yaml"
    release = [RELEASE] if environment == "prod" else []
    command = [helm(), "template", name, str(chart), "--namespace=igniteflow"]
    versions = ["--kube-version=1.33.0"]
    result = subprocess.run(
        [*command, *versions, f"--values={values}", *release, *options],
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def parsed(text: str) -> list[Resource]:
    return [document for document in yaml.load_all(text, yaml.CSafeLoader) if document]


def render(*options: str, environment: str = "dev", chart: Path = CHART) -> list[Resource]:
    return parsed(template(*options, environment=environment, chart=chart))


def refusal(*options: str, environment: str = "dev") -> str:
    """What helm says to values that it refuses."""
    with pytest.raises(subprocess.CalledProcessError) as refused:
        template(*options, environment=environment)
    return str(refused.value.stderr)


def of_kind(resources: list[Resource], *kinds: str) -> list[Resource]:
    return [resource for resource in resources if resource["kind"] in kinds]


def named(resources: list[Resource], kind: str, name: str) -> Resource:
    (found,) = (
        r for r in of_kind(resources, kind) if r["metadata"]["name"] == f"igniteflow-{name}"
    )
    return found


def component(resource: Resource) -> str:
    labels: dict[str, str] = resource["metadata"]["labels"]
    return labels["igniteflow.io/component"]


def pod_templates(resources: list[Resource]) -> Iterator[tuple[str, Resource]]:
    """The pods of every workload, with the name of the workload."""
    for resource in of_kind(resources, "Deployment", "Job", "CronJob"):
        spec = resource["spec"]
        if resource["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        yield resource["metadata"]["name"], spec["template"]
