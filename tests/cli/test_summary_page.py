"""The newest run on one page."""

import dagster as dg
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from igniteflow_assets.plots import plot_metadata
from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.main import commands
from igniteflow_core.errors import MissingTableError

runner = CliRunner()


@dg.asset
def raw_transactions() -> dg.MaterializeResult:
    figures = {"by_day": Figure(), "by_hour": Figure()}
    return dg.MaterializeResult(metadata={"dagster/row_count": 1_234, **plot_metadata(figures)})


@dg.asset_check(asset=raw_transactions)
def rows_are_new():
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@dg.asset(deps=[raw_transactions])
def fraud_model():
    raise ValueError("no")


@pytest.mark.parametrize(
    ("name", "first_bytes"), [("run.html", b"<!DOCTYPE"), ("run.pdf", b"%PDF")]
)
def test_the_newest_run_is_a_page_with_its_steps_checks_figures_and_plots(
    workspace, tmp_path, name, first_bytes
):
    with dagster_instance() as instance:
        result = dg.materialize(
            [raw_transactions, rows_are_new, fraud_model], instance=instance, raise_on_error=False
        )
    page = tmp_path / name
    printed = runner.invoke(commands, ["summary", "--to", str(page)])
    assert printed.exit_code == 0, printed.exception
    assert printed.output == f"Wrote {page}\n"
    content = page.read_bytes()
    assert content.startswith(first_bytes)
    if name.endswith(".html"):
        html = content.decode()
        assert result.run_id in html
        assert "failure" in html
        assert "<td>raw_transactions</td>" in html
        assert "1,234 of raw_transactions" in html
        assert '<td>check rows_are_new of raw_transactions</td><td class="warned">' in html
        assert '<td>fraud_model</td><td class="failed">' in html
        assert html.count('<img src="data:image/png;base64,') == 2
        assert '<th>transactions delivered</th><td class="number">1,234</td>' in html


def test_without_a_run_there_is_no_page(workspace, tmp_path):
    result = runner.invoke(commands, ["summary", "--to", str(tmp_path / "run.html")])
    assert isinstance(result.exception, MissingTableError)
    assert "there is no run yet" in str(result.exception)
