"""Workflows, Dependabot, templates, pre-commit, Dagster+."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

GITHUB = Path(".github")
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
VENV = Path(sys.executable).parent
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": [
        GITHUB / "ISSUE_TEMPLATE/bug.yml",
        GITHUB / "ISSUE_TEMPLATE/feature.yml",
    ],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
}


def load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text())
    return loaded


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in load(workflow)["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_fit_their_schemas(schema: str) -> None:
    command = [VENV / "check-jsonschema", "--builtin-schema", schema, *SCHEMAS[schema]]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_whole_hash(workflow: Path) -> None:
    for line in re.findall(r"uses:.*", workflow.read_text()):
        if not line.startswith("uses: ./"):
            assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_one_action_has_one_hash() -> None:
    pins = {
        tuple(pin.split("@"))
        for workflow in WORKFLOWS
        for pin in re.findall(r"uses: ([\w./-]+@[0-9a-f]{40})", workflow.read_text())
    }
    assert len(pins) == len({action for action, _ in pins})


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_unless_a_job_says_more(workflow: Path) -> None:
    content = load(workflow)
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        assert "timeout-minutes" in job or "uses" in job, name
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_shell_line_holds_an_expression(workflow: Path) -> None:
    """What GitHub writes into a shell line can be anybody's text; variables are not code."""
    for step in steps(workflow):
        assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_a_workflow_calls_exists(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    for step in steps(workflow):
        for target in re.findall(r"^make ([a-z-]+)", step.get("run", ""), re.MULTILINE):
            assert target in targets or "hashFiles('docs/conf.py')" in step.get("if", ""), target
        named = f"{step.get('run', '')} {step.get('with', {}).get('file', '')}"
        for path in re.findall(r"(?:scripts|tests|helm|docker|terraform)/[\w./-]+", named):
            found = path.endswith(("values-", "docker/")) or Path(path).exists()
            assert found, path


def test_every_python_that_is_promised_is_tested() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    tested = load(GITHUB / "workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]["python"]
    low, high = re.findall(r"3\.(\d+)", project["requires-python"])
    assert tested == [f"3.{minor}" for minor in range(int(low), int(high))]


def test_prod_comes_after_staging_after_dev_with_the_same_images() -> None:
    jobs = load(GITHUB / "workflows/deploy.yml")["jobs"]
    assert (jobs["staging"]["needs"], jobs["prod"]["needs"]) == ("dev", "staging")
    digests = [
        {k: v for k, v in job["with"].items() if k != "environment"} for job in jobs.values()
    ]
    assert digests[0] == digests[1] == digests[2]
    deploy = load(GITHUB / "workflows/deploy-environment.yml")["jobs"]["deploy"]
    assert deploy["environment"] == "${{ inputs.environment }}"


def test_images_are_built_with_provenance_and_a_bill_of_materials() -> None:
    (build,) = (
        step
        for step in steps(GITHUB / "workflows/images.yml")
        if step.get("uses", "").startswith("docker/build-push-action@")
    )
    assert build["with"]["provenance"] == "mode=max"
    assert build["with"]["sbom"] is True


def test_pre_commit_uses_the_locked_tools() -> None:
    (repository,) = load(Path(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        tool = hook["entry"].split()[0]
        ours = Path(tool).parent == Path("scripts") and Path(tool).exists()
        assert tool == "terraform" or ours or (VENV / Path(tool).name).exists(), hook["id"]


def test_dagster_plus_and_the_workspace_load_the_same_code_location() -> None:
    (location,) = load(Path("dagster_cloud.yaml"))["locations"]
    (own,) = load(Path("workspace.yaml"))["load_from"]
    assert location["code_source"]["module_name"] == own["python_module"]["module_name"]
    assert location["location_name"] == own["python_module"]["location_name"]
    pod = location["container_context"]["k8s"]["run_k8s_config"]["pod_spec_config"]
    assert pod["enable_service_links"] is False
    assert import_module(location["code_source"]["module_name"].split(".")[0])
