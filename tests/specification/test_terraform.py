"""The call of the Terraform module that the specification shows."""

import re
import shutil
from pathlib import Path

from tests.deployment.test_terraform import (
    PLATFORM,
    blocks,
    initialized,
    needs_terraform,
    parsed,
    planned_with,
)
from tests.specification.snippets import snippet


@needs_terraform
def test_the_module_takes_the_call_as_it_stands(tmp_path: Path) -> None:
    """By Terraform itself; the module's resources are left out, as they need providers."""
    module = tmp_path / PLATFORM
    module.mkdir(parents=True)
    shutil.copy(PLATFORM / "variables.tf", module)
    shutil.copy(snippet("infrastructure.tf"), tmp_path / "main.tf")
    initialized(tmp_path)
    assert planned_with(tmp_path) == ""
    call = (tmp_path / "main.tf").read_text().replace('"postgresql"', '"mysql"')
    (tmp_path / "main.tf").write_text(call)
    assert "postgresql" in planned_with(tmp_path)


def test_everything_in_the_call_reaches_what_is_made() -> None:
    (named,) = parsed(snippet("infrastructure.tf"))["module"]
    call = named["igniteflow_infrastructure"]
    uses = "\n".join(file.read_text() for file in PLATFORM.glob("*.tf") if file.stem != "variables")
    for name in {name for name in call if not name.startswith("__")} - {"source"}:
        assert re.search(rf"\bvar\.{name}\b", uses), name
    for name in call["monitoring"]:
        assert f"var.monitoring.{name}" in uses
    nodes = (PLATFORM.parent / "eks" / "nodes.tf").read_text()
    for name in call["node_groups"]["spark_workers"]:
        assert f"each.value.{name}" in nodes
    (release,) = (body for label, body in blocks(PLATFORM.parent / "prometheus", "resource"))
    assert release["this"]["chart"] == "kube-prometheus-stack"
