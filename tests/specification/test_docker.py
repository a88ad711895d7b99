"""The commands of Docker that the specification shows, read as Docker reads them."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment.test_images import COMPOSE, services
from tests.specification.snippets import snippet


def commands(program: str) -> list[list[str]]:
    lines = snippet("docker.sh").read_text().splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line and line[0] == program]


def test_the_image_is_built_from_the_root() -> None:
    (build,) = (line for line in commands("docker") if line[1] == "build")
    assert build[-1] == "."
    assert Path("Dockerfile").read_text().count("\nFROM ") == 3
    assert "ARG PYTHON_IMAGE=python:3.12-" in Path("Dockerfile").read_text()


def test_compose_finds_its_file_and_its_variables_in_the_root() -> None:
    assert commands("docker-compose") == [["docker-compose", "up", "-d"]]
    # In the order in which Compose looks for them.
    found = [name for name in ("compose.yaml", "docker-compose.yaml") if Path(name).exists()]
    assert found == ["compose.yaml"]
    assert not Path("compose.override.yaml").exists()
    assert "/.env" in Path(".gitignore").read_text().splitlines()


def test_the_container_has_the_name_that_commands_are_given() -> None:
    (call,) = (line for line in commands("docker") if line[1] == "exec")
    named = [service.get("container_name") for service in services(COMPOSE[0]).values()]
    assert [name for name in named if name] == [call[call.index("-it") + 1]]


@pytest.mark.parametrize("file", COMPOSE, ids=lambda path: path.name)
def test_exporter_and_stream_are_scraped_and_rules_are_read(file: Path) -> None:
    found = services(file)
    mounts = [volume.split(":")[0] for volume in found["prometheus"]["volumes"]]
    (config,) = (name for name in mounts if "prometheus" in name and name.endswith(".yaml"))
    scraped: dict[str, Any] = yaml.safe_load(file.parent.joinpath(config).read_text())
    targets = str(scraped["scrape_configs"])
    for service in ("serving", "exporter", "stream"):
        assert service in found
        assert service in targets
    assert found["stream"]["environment"]["IGNITEFLOW_TELEMETRY__METRICS_PORT"] == "9464"
    assert scraped["rule_files"] == ["/etc/prometheus/rules/*.yaml"]
    assert any(name.endswith("helm/igniteflow/rules") for name in mounts)
