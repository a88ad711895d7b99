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
