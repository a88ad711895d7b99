"""The chart renders what was agreed, and Kubernetes would accept it."""

import difflib
import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.deployment.chart import (
    CHART,
    CUSTOM_RESOURCES,
    ENVIRONMENTS,
    Resource,
    named,
    of_kind,
    refusal,
    render,
    template,
)

GOLDEN = Path(__file__).parent / "golden"


def normalised(text: str) -> list[str]:
    documents = sorted(
        (document for document in yaml.safe_load_all(text) if document),
        key=lambda document: (document["kind"], document["metadata"]["name"]),
    )
    for document in documents:
        if document["metadata"].get("labels", {}).get("grafana_dashboard"):
            document["data"] = dict.fromkeys(document["data"], "the file")
    return yaml.safe_dump_all(documents, width=100).splitlines(keepends=True)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_render_is_the_golden_one(environment: str, texts: dict[str, str]) -> None:
    """dev in full, the others as what differs from dev. UPDATE_GOLDEN=1 writes them anew."""
    lines = normalised(texts[environment])
    golden = GOLDEN / ("dev.yaml" if environment == "dev" else f"{environment}.diff")
    if environment != "dev":
        lines = list(difflib.unified_diff(normalised(texts["dev"]), lines, "dev", environment, n=2))
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text("".join(lines))
    assert "".join(lines) == golden.read_text()


@pytest.fixture(scope="module", autouse=True)
def schemas_read_once() -> Iterator[None]:
    """The package reads and parses its schemas anew for every resource."""
    with pytest.MonkeyPatch.context() as patch:
        utils = kubernetes_validate.utils
        patch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))
        yield


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
def test_every_resource_fits_the_schemas_of(version: str, resources: list[Resource]) -> None:
    native = [resource for resource in resources if resource["kind"] not in CUSTOM_RESOURCES]
    assert len(native) > 40
    for resource in native:
        kubernetes_validate.validate(resource, version, strict=True)


def test_a_misspelt_field_does_not_fit_the_schemas(prod: list[Resource]) -> None:
    broken = dict(named(prod, "Deployment", "serving"))
    broken["spec"] = broken["spec"] | {"replica": 3}
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(broken, "1.33", strict=True)


def test_no_two_resources_share_a_name(resources: list[Resource]) -> None:
    names = [(resource["kind"], resource["metadata"]["name"]) for resource in resources]
    assert len(set(names)) == len(names)


def test_kubernetes_that_is_too_old_is_refused() -> None:
    assert "kubeVersion" in refusal("--kube-version=1.28.0")


def test_dashboards_and_rules_come_from_files(tmp_path: Path) -> None:
    chart = tmp_path / "igniteflow"
    shutil.copytree(CHART, chart, symlinks=False)
    chart.joinpath("dashboards").mkdir(exist_ok=True)
    chart.joinpath("dashboards", "data_quality.json").write_text('{"title": "{{ not Helm }}"}')
    resources = render(
        "--set=monitoring.grafana.enabled=true,monitoring.prometheus.enabled=true",
        chart=chart,
    )
    dashboard = named(resources, "ConfigMap", "monitoring-data-quality")
    assert dashboard["data"]["data_quality.json"].strip() == '{"title": "{{ not Helm }}"}'
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    (rules,) = of_kind(resources, "PrometheusRule")
    written = yaml.safe_load(CHART.joinpath("rules", "serving.yaml").read_text())["groups"]
    for group in written:
        for rule in group["rules"]:
            rule["labels"]["namespace"] = "igniteflow"
    assert all(group in rules["spec"]["groups"] for group in written)


def test_a_change_of_settings_rolls_out_every_pod_that_reads_them() -> None:
    def checksums(text: str) -> list[str]:
        return [line for line in text.splitlines() if "checksum/settings" in line]

    before = checksums(template())
    after = checksums(template("--set=settings.telemetry.log_level=DEBUG"))
    assert len(before) == len(after) == 6
    assert not set(before) & set(after)
