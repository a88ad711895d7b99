import json

import pytest
from typer.testing import CliRunner

from igniteflow_assets.lake.table_restore import RestoreConfig
from igniteflow_cli import table
from igniteflow_cli.main import commands
from igniteflow_core.errors import ConfigurationError

runner = CliRunner()


@pytest.fixture
def runs(monkeypatch) -> list[tuple]:
    """The jobs that would have been run."""
    launched: list[tuple] = []
    monkeypatch.setattr(table, "execute", lambda *arguments: launched.append(arguments))
    return launched


@pytest.mark.parametrize(
    ("option", "value"),
    [("--version", "3"), ("--timestamp", "2025-03-01T08:00:00")],
    ids=["version", "time"],
)
def test_a_restore_is_a_run_that_says_who_and_why(runs, option, value):
    result = runner.invoke(
        commands, ["table", "restore", "orders", "--reason", "wrong", option, value]
    )
    assert result.exit_code == 0, result.output
    ((job, tags, ops),) = runs
    config = RestoreConfig(**ops["restore_table"])
    assert (job, config.table, config.reason) == ("table_restore_job", "orders", "wrong")
    assert tags["user"]
    assert str(config.target()) in {"3", "2025-03-01 08:00:00+00:00"}


@pytest.mark.parametrize(
    "target", [[], ["--version", "3", "--timestamp", "2025-03-01"]], ids=["none", "both"]
)
def test_a_restore_without_one_version_is_refused(runs, target):
    result = runner.invoke(commands, ["table", "restore", "orders", "--reason", "wrong", *target])
    assert isinstance(result.exception, ConfigurationError)
    assert not runs


@pytest.mark.spark
def test_the_history_shows_each_version_with_its_run(spark, workspace):
    rows = spark.createDataFrame([(1,), (2,)], "id int")
    for run in ("first-run", "second-run"):
        rows.write.format("delta").mode("append").option("userMetadata", run).save(
            f"{workspace.lake.root}/orders"
        )
    result = runner.invoke(commands, ["table", "history", "orders"])
    assert result.exit_code == 0, result.output
    assert result.output.index("second-run") < result.output.index("first-run")
    assert "WRITE" in result.output


@pytest.mark.parametrize(
    "arguments", [["orders"], ["transactions", "--rule", "range_weight"]], ids=["table", "rule"]
)
def test_failed_rows_of_what_has_no_rules_are_refused(workspace, arguments):
    result = runner.invoke(commands, ["table", "failed-rows", *arguments])
    assert isinstance(result.exception, ConfigurationError)
    assert "choose one of" in str(result.exception)


@pytest.mark.spark
def test_every_row_that_breaks_a_rule_is_a_line_of_json(spark, workspace, monkeypatch):
    rules = [
        {"type": "row_count", "min": 9},
        {"type": "uniqueness", "columns": ["customer_id"]},
        {"type": "completeness", "column": "name"},
    ]
    monkeypatch.setenv("IGNITEFLOW_QUALITY__CUSTOMERS__RULES", json.dumps(rules))
    rows = spark.createDataFrame(
        [("C1", "Ann"), ("C1", "Bob"), ("C2", None)], "customer_id string, name string"
    )
    rows.write.format("delta").save(f"{workspace.lake.root}/customers")
    result = runner.invoke(commands, ["table", "failed-rows", "customers"])
    assert result.exit_code == 0, result.exception
    printed = [json.loads(line) for line in result.output.splitlines()]
    assert sorted((each["broken_rule"], str(each["row"].get("name"))) for each in printed) == [
        ("completeness_name", "None"),
        ("uniqueness_customer_id", "Ann"),
        ("uniqueness_customer_id", "Bob"),
    ]
    one = runner.invoke(commands, ["table", "failed-rows", "customers", "--rule", "row_count"])
    assert (one.exit_code, one.output) == (0, "")
