"""What the documentation says can be typed, read and built."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import dagster as dg
import numpy as np
import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import igniteflow_assets
from igniteflow_cli.main import commands
from igniteflow_core.config.load import load_settings
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.features.declared import vocabulary

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "tutorials").glob("*.md"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def blocks(page: Path, language: str) -> list[str]:
    pattern = rf"^ *```{language}\n(.*?)^ *```"
    return re.findall(pattern, page.read_text(), re.DOTALL | re.MULTILINE)


def lines_of(page: Path, program: str) -> list[list[str]]:
    """The words of each documented call of a program, without comments."""
    whole = [block.replace("\\\n", " ") for block in blocks(page, "sh")]
    lines = [line.strip() for block in whole for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line and Path(line[0]).name == program]


def read_by_the_program(arguments: list[str]) -> None:
    """Parse as the command line does, and raise what it would tell."""
    command = typer.main.get_command(commands)
    while isinstance(command, TyperGroup):
        assert arguments[0] in command.commands, f"there is no command {arguments}"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    command.make_context("igniteflow", list(arguments))


CALLS = [(page.name, call) for page in PAGES for call in lines_of(page, "igniteflow")]
MADE = [(page.name, call[0]) for page in PAGES for call in lines_of(page, "make") if call]


@pytest.mark.parametrize(("page", "call"), CALLS, ids=[" ".join(call) for _, call in CALLS])
def test_every_documented_command_is_one(page, call):
    read_by_the_program(call)


def test_a_command_that_is_none_would_be_found():
    with pytest.raises(AssertionError, match="there is no command"):
        read_by_the_program(["materialise"])
    with pytest.raises(TyperException, match="jobs"):
        read_by_the_program(["run", "--jobs", "fraud_job"])


@pytest.mark.parametrize(("page", "target"), MADE)
def test_every_documented_target_is_in_the_makefile(page, target):
    assert target in TARGETS


def test_the_settings_of_the_tutorials_are_accepted(tmp_path, monkeypatch):
    (text,) = blocks(ROOT / "docs" / "tutorials" / "data-quality.md", "json")
    (tmp_path / "quality.json").write_text(text)
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(tmp_path / "quality.json"))

    rules = load_settings().quality["transactions"].rules
    assert len(rules) == len(json.loads(text)["quality"]["transactions"]["rules"]) == 7


def test_the_policy_of_the_page_about_decisions_decides(tmp_path, monkeypatch):
    (text,) = blocks(ROOT / "docs" / "decisions.md", "json")
    (tmp_path / "policy.json").write_text(text)
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(tmp_path / "policy.json"))

    settings = load_settings()
    words = vocabulary(settings.fraud.entities, settings.sources.own_columns)
    policy = CompiledPolicy(settings.decisions.policy, words, "1")
    values = {name: ["KP"] if name == "country" else [None] for name in policy.reads}
    decisions = policy.decide(np.array([0.1]), 0.5, np.array([0]), values)
    assert (decisions.outcomes[0], decisions.decided_by[0]) == ("decline", "deny:countries")


@pytest.mark.slow
@pytest.mark.spark
def test_the_domain_of_the_tutorial_is_found_and_materializes(tmp_path, monkeypatch, spark):
    package, module, pipeline = blocks(ROOT / "docs" / "tutorials" / "custom-domain.md", "python")
    folder = tmp_path / "spending"
    folder.mkdir()
    (folder / "__init__.py").write_text(package)
    (folder / "customer_spending.py").write_text(module)
    (folder / "active_accounts.py").write_text(pipeline)
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, igniteflow_assets\n"
            "igniteflow_assets.__path__.append(sys.argv[1])\n"
            "from igniteflow_assets.definitions import defs\n"
            "defs.resolve_assets_def('active_accounts')\n"
            "asset = defs.resolve_assets_def('customer_spending')\n"
            "print(asset.group_names_by_key, asset.owners_by_key)\n",
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'spending'" in found.stdout.splitlines()[-1]
    assert "team:" in found.stdout or "@" in found.stdout

    monkeypatch.setattr(igniteflow_assets, "__path__", [*igniteflow_assets.__path__, str(tmp_path)])
    from igniteflow_assets.spending import customer_spending as made

    @dg.asset
    def transactions():
        rows = [("C1", 2.0), ("C1", 3.5), ("C2", 1.0)]
        return spark.createDataFrame(rows, "customer_id string, amount double")

    result = dg.materialize(
        [transactions, made.customer_spending, made.nobody_has_spent_less_than_nothing],
        resources={"io_manager": dg.mem_io_manager},
    )
    table = result.output_for_node("customer_spending")
    assert {row.customer_id: (row.spent, row.transactions) for row in table.collect()} == {
        "C1": (5.5, 2),
        "C2": (1.0, 1),
    }
    (check,) = result.get_asset_check_evaluations()
    assert check.passed


@pytest.mark.slow
def test_the_pages_are_built_without_a_warning(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html",
         str(ROOT / "docs"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-3_000:]
    assert (tmp_path / "tutorials" / "getting-started.html").exists()
    assert (
        "recommend_top_n" in (tmp_path / "api" / "igniteflow_core.recommendations.html").read_text()
    )
