"""Dockerfiles, the entry point and the compose files."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path("docker")
PLATFORM = Path("Dockerfile")
DOCKERFILES = [PLATFORM, *sorted(DOCKER.glob("*.Dockerfile"))]
COMPOSE = [Path("compose.yaml"), DOCKER / "compose.prod.yaml"]
VENV = Path(sys.executable).parent


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    result = subprocess.run(
        [VENV / "hadolint", dockerfile], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_hadolint_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM debian:latest\nRUN apt-get install curl\n")
    assert (
        subprocess.run([VENV / "hadolint", wrong], capture_output=True, check=False).returncode != 0
    )


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_runs_as_nobody_special_from_locked_packages(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    final = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "uv sync" not in final
    for line in re.findall(r"uv sync[^\n]*", text):
        assert "--locked" in line
    assert "--format cyclonedx1.5" in text


def test_the_image_of_the_api_has_no_java_and_no_package_beyond_its_group() -> None:
    text = DOCKER.joinpath("serving.Dockerfile").read_text()
    assert "openjdk" not in text
    assert "--extra" not in text
    for command in re.findall(r"uv sync[^\n]*|uv export[^\n]*", text):
        assert "--only-group api" in command
    (project,) = re.findall(r"uv pip install[^\n]*", text)
    assert "--no-deps" in project


def test_the_image_of_the_platform_has_every_extra_but_that_of_developers() -> None:
    text = PLATFORM.read_text()
    extras = set(
        tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    )
    for command in re.findall(r"uv (?:sync|export)(?:[^\n]*\\\n)*[^\n]*", text):
        assert set(re.findall(r"--extra (\w+)", command)) == extras - {"dev"}


def test_a_bill_of_materials_names_what_is_installed_and_nothing_else(tmp_path: Path) -> None:
    installed = [part(each.name, each.version) for each in distributions()]
    bill = {
        "metadata": {"component": part("igniteflow", version("igniteflow"))},
        "components": [*installed, part("pywin32", "312")],
        "dependencies": [
            {"ref": "pyarrow", "dependsOn": ["numpy", "pywin32"]},
            {"ref": "pywin32", "dependsOn": []},
        ],
    }
    file = tmp_path / "sbom.json"
    file.write_text(json.dumps(bill))
    command = [VENV / "python", DOCKER / "sbom.py", file]
    subprocess.run(command, check=True)
    left = json.loads(file.read_text())
    assert {each["name"] for each in left["components"]} == {each["name"] for each in installed}
    assert left["dependencies"] == [{"ref": "pyarrow", "dependsOn": ["numpy"]}]
    bill["components"] = [each for each in installed if each["name"] != "pyarrow"]
    file.write_text(json.dumps(bill))
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "pyarrow" in result.stderr


def part(name: str, version: str) -> dict[str, str]:
    return {"bom-ref": name, "name": name, "version": version}


def test_every_bill_of_materials_is_cut_down() -> None:
    for dockerfile in DOCKERFILES:
        text = dockerfile.read_text()
        assert text.count("--format cyclonedx1.5") == text.count("docker/sbom.py") == 1


def test_the_platform_is_built_without_the_library_of_many_gpus() -> None:
    text = PLATFORM.read_text()
    commands = re.findall(r"uv sync(?:[^\n]*\\\n)*[^\n]*", text)
    assert len(commands) == 2
    assert all("--no-install-package nvidia-nccl-cu12" in command for command in commands)
    assert 'name = "nvidia-nccl-cu12"' in Path("uv.lock").read_text()


def test_mlflows_server_does_not_report_its_use() -> None:
    final = PLATFORM.read_text().rsplit("\nFROM ", 1)[1]
    assert "MLFLOW_DISABLE_TELEMETRY=true" in final


def test_everything_that_is_copied_is_in_the_context() -> None:
    kept = {
        line[1:].rstrip("/")
        for line in Path(".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for dockerfile in DOCKERFILES:
        for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile.read_text(), re.M):
            for source in sources.split():
                if not source.startswith("--") and source != ".":
                    assert source in kept, (dockerfile, source)
    assert all(Path(path).exists() for path in kept)
    assert {path.name for path in Path().glob("igniteflow_*") if path.is_dir()} <= kept


def test_the_entry_point_starts_a_command_as_it_is() -> None:
    command = ["bash", DOCKER / "entrypoint.sh", "echo", "two words", "$HOME"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "two words $HOME\n"


def test_the_entry_point_starts_an_executor_as_spark_asks(tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    asked = {
        "SPARK_JAVA_OPT_0": "-Dfirst=1 2",
        "SPARK_JAVA_OPT_1": "-Dsecond=2",
        "SPARK_EXECUTOR_MEMORY": "4g",
        "SPARK_DRIVER_URL": "spark://driver",
        "SPARK_EXECUTOR_ID": "3",
        "SPARK_EXECUTOR_CORES": "2",
        "SPARK_APPLICATION_ID": "app",
        "SPARK_EXECUTOR_POD_IP": "10.0.0.2",
        "SPARK_RESOURCE_PROFILE_ID": "0",
        "SPARK_EXECUTOR_POD_NAME": "pod",
    }
    result = subprocess.run(
        ["bash", DOCKER / "entrypoint.sh", "executor"],
        env=asked | {"PATH": f"{tmp_path}:{VENV}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = result.stdout.splitlines()
    assert lines[:4] == ["-Dfirst=1 2", "-Dsecond=2", "-Xms4g", "-Xmx4g"]
    assert "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend" in lines
    assert lines[lines.index("--executor-id") + 1] == "3"
    assert lines[lines.index("--podName") + 1] == "pod"


def services(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text())
    return loaded["services"]


@pytest.mark.parametrize("file", COMPOSE, ids=lambda path: path.name)
def test_compose_fits_its_schema(file: Path) -> None:
    command = [VENV / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file", COMPOSE, ids=lambda path: path.name)
def test_compose_refers_to_what_exists(file: Path) -> None:
    loaded = yaml.safe_load(file.read_text())
    for name, service in services(file).items():
        assert set(service.get("depends_on", [])) <= set(services(file)), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert file.parent.joinpath(source).exists(), source
            elif not source.startswith("${"):
                assert source in loaded["volumes"], source
        assert not service.get("image", "").endswith(":latest")


@pytest.mark.parametrize("file", COMPOSE, ids=lambda path: path.name)
def test_compose_has_no_password_of_its_own_and_listens_on_this_machine_alone(file: Path) -> None:
    for name, service in services(file).items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|API_KEYS", variable):
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", value), (name, variable)
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), (name, port)


def test_the_example_names_every_variable_of_development() -> None:
    text = Path("compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    _, _, passwords = Path(".env.example").read_text().partition("# Passwords")
    lines = passwords.splitlines()[1:]
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert asked == set(given)
    assert set(given.values()) == {""}


def test_production_services_are_hardened() -> None:
    for name, service in services(DOCKER / "compose.prod.yaml").items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert not service["user"].startswith("0"), name
        assert "build" not in service, name
