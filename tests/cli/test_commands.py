import json
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.main import app, commands
from igniteflow_cli.page_file import write_page
from igniteflow_core.errors import (
    ConfigurationError,
    EnvironmentSetupError,
    MissingTableError,
)
from tests.cli.terminal import OWN_LINE

runner = CliRunner()


def test_config_show_prints_the_merged_settings(workspace):
    result = runner.invoke(commands, ["config", "show"])
    assert result.exit_code == 0
    shown = json.loads(result.output)
    assert shown["lake"]["root"] == workspace.lake.root
    assert shown["fraud"]["train_days"] == 7


def test_config_check_names_the_environment():
    result = runner.invoke(commands, ["config", "check"])
    assert (result.exit_code, result.output) == (0, "The settings of local are valid.\n")


def test_a_mistake_is_told_without_a_stack_trace(monkeypatch, capsys):
    monkeypatch.setenv("IGNITEFLOW_FRAUD__TRAIN_DAYS", "none")
    monkeypatch.setattr("sys.argv", ["igniteflow", "config", "check"])
    with pytest.raises(SystemExit) as caught:
        app()
    assert caught.value.code == 1
    told = capsys.readouterr().err
    assert "fraud.train_days" in told
    assert "Traceback" not in told


def test_config_check_looks_for_the_secrets_and_certificates_of_apis(monkeypatch, tmp_path):
    file = Path(__file__).parents[2] / "config" / "examples" / "paged_api.json"
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(file))
    authority = str(tmp_path / "ca.pem")
    monkeypatch.setenv(
        "IGNITEFLOW_SOURCES__RATINGS",
        json.dumps(
            {"format": "rest", "path": "https://localhost", "rest": {"certificates": authority}}
        ),
    )
    error = runner.invoke(commands, ["config", "check"]).exception
    assert isinstance(error, ConfigurationError)
    assert "sources.transactions: the secret is not set (the variable PAYMENTS_TOKEN)" in str(error)
    assert "sources.ratings: the certificates cannot be read: No such file" in str(error)
    monkeypatch.setenv("PAYMENTS_TOKEN", "of-the-test")
    monkeypatch.delenv("IGNITEFLOW_SOURCES__RATINGS")
    assert runner.invoke(commands, ["config", "check"]).exit_code == 0


def test_generate_writes_every_source_over_the_days_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", str(tmp_path))
    monkeypatch.setenv("IGNITEFLOW_PARTITIONS__END_DATE", "2025-01-03")
    result = runner.invoke(commands, ["generate", "--scale", "0.1"])
    assert result.exit_code == 0, result.output
    days = sorted(path.stem for path in (tmp_path / "transactions").iterdir())
    assert days == ["2025-01-01", "2025-01-02", "2025-01-03"]
    assert pq.read_metadata(tmp_path / "customers.parquet").num_rows == 100
    for name in ("terminals", "ratings", "users", "items"):
        assert (tmp_path / f"{name}.parquet").exists()


def test_generate_lets_a_scenario_begin_on_its_day(tmp_path, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", str(tmp_path))
    monkeypatch.setenv("IGNITEFLOW_PARTITIONS__END_DATE", "2025-01-02")
    options = ["--scenario", "amounts_in_cents", "--from", "2025-01-02"]
    result = runner.invoke(commands, ["generate", "--scale", "0.1", *options])
    assert result.exit_code == 0, result.output
    mean_amounts = [
        pc.mean(pq.read_table(tmp_path / "transactions" / f"2025-01-0{day}.parquet")["amount"])
        for day in (1, 2)
    ]
    assert mean_amounts[1].as_py() > 50 * mean_amounts[0].as_py()


@pytest.mark.parametrize(
    "options", [["--scenario", "flood", "--from", "2025-01-02"], ["--scenario", "new_region"]]
)
def test_generate_refuses_an_unknown_scenario_or_one_without_a_day(options):
    result = runner.invoke(commands, ["generate", *options])
    assert isinstance(result.exception, ConfigurationError)
    assert "price_inflation" in str(result.exception)


def test_generate_needs_a_last_day(tmp_path, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", str(tmp_path))
    monkeypatch.setenv("IGNITEFLOW_PARTITIONS__END_DATE", "null")
    result = runner.invoke(commands, ["generate"])
    assert isinstance(result.exception, ConfigurationError)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "days",
    [
        ["--from", "2024-12-31"],
        ["--to", "2025-02-01"],
        ["--from", "2025-01-05", "--to", "2025-01-04"],
    ],
)
def test_run_refuses_days_outside_the_partitions(workspace, days):
    result = runner.invoke(commands, ["run", *days])
    assert isinstance(result.exception, ConfigurationError)
    assert "2025-01-01 to 2025-01-24" in str(result.exception)


def test_summary_of_nothing_says_so(workspace):
    result = runner.invoke(commands, ["summary"])
    assert result.exit_code == 0
    assert "transactions delivered" in result.output


def test_without_a_business_report_the_command_says_what_makes_one(workspace, tmp_path):
    result = runner.invoke(commands, ["business", "--to", str(tmp_path / "report.html")])
    assert isinstance(result.exception, MissingTableError)
    assert "materialize the asset business_report" in str(result.exception)


def test_the_newest_business_report_becomes_a_file(workspace, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<h1>Fraud in money</h1>")
    with dagster_instance() as instance:
        metadata = {"page": dg.MetadataValue.url(page.as_uri())}
        instance.report_runless_asset_event(
            dg.AssetMaterialization("business_report", metadata=metadata)
        )
    result = runner.invoke(commands, ["business", "--to", str(tmp_path / "report.html")])
    assert result.exit_code == 0, result.exception
    assert (tmp_path / "report.html").read_text() == "<h1>Fraud in money</h1>"


def test_a_page_becomes_html_or_pdf_by_the_name_of_the_file(tmp_path):
    for name, first_bytes in (("report.html", b"<h1>"), ("report.PDF", b"%PDF-")):
        write_page("<h1>Report</h1>", tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(first_bytes)


def test_without_the_extra_a_pdf_is_refused_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "igniteflow_core.pages.pdf", raising=False)
    monkeypatch.setitem(sys.modules, "fpdf", None)
    with pytest.raises(EnvironmentSetupError, match=r"igniteflow\[pdf\]"):
        write_page("<h1>Report</h1>", tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())


def run_in_a_new_process(*options: str) -> subprocess.CompletedProcess[str]:
    """The command as a user calls it: a code location reads its settings when it is loaded."""
    return subprocess.run(
        [sys.executable, "-m", "igniteflow_cli", "run", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.spark
@pytest.mark.slow
def test_run_shows_progress_and_the_summary(workspace):
    result = run_in_a_new_process("--job", "ingestion_job", "--to", "2025-01-03")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "raw_transactions" in result.stdout
    assert "check every_row_accounted_for of transactions" in result.stdout
    assert "transactions kept" in result.stdout
    assert Path(workspace.lake.root, "transactions").is_dir()
    assert result.stderr == ""
    foreign = [line for line in result.stdout.splitlines() if not OWN_LINE.match(line)]
    assert foreign == []
    (named,) = re.findall(r"^Log of the libraries: (.+)$", result.stdout, re.MULTILINE)
    assert "WARNING" in Path(named).read_text()


@pytest.mark.spark
@pytest.mark.slow
def test_run_that_fails_says_which_step_and_why(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", str(tmp_path / "nowhere"))
    result = run_in_a_new_process("--job", "ingestion_job", "--to", "2025-01-03")
    assert result.returncode == 1
    assert "raw_transactions failed" in result.stdout
    assert "has not been delivered" in result.stdout
