import io
import re
import time
from contextlib import contextmanager

import dagster as dg
import pytest
from rich.console import Console

from igniteflow_cli.expected_time import expected_seconds
from igniteflow_cli.library_log import under_way
from igniteflow_cli.progress import shown_progress
from igniteflow_core.runs.days import RANGE_END, RANGE_START

RUN = "0d3c8e0e-6ef0-4b52-8f0c-0f0f3a1d2b11"


@dg.asset
def cards() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": 1_234})


@dg.multi_asset(outs={"kept": dg.AssetOut(), "left_out": dg.AssetOut()}, deps=[cards])
def judged():
    yield dg.Output(1, "kept", metadata={"dagster/row_count": 1_200})
    yield dg.Output(1, "left_out", metadata={"dagster/row_count": 34})


@dg.asset_check(asset=cards)
def there_are_cards():
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset=cards)
def cards_are_new():
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=cards)
def cards_are_whole():
    return dg.AssetCheckResult(passed=False)


@dg.asset(deps=["left_out"])
def broken():
    raise ValueError("no")


defs = dg.Definitions(
    assets=[cards, judged, broken],
    asset_checks=[there_are_cards, cards_are_new, cards_are_whole],
    jobs=[dg.define_asset_job("all_of_it"), dg.define_asset_job("some", selection=["cards"])],
)


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def text_of_run(instance, console: Console, seconds: float | None = None) -> str:
    job = defs.resolve_job_def("all_of_it")
    with shown_progress(instance, RUN, console, steps=len(job.nodes), expected_seconds=seconds):
        job.execute_in_process(instance=instance, run_id=RUN, raise_on_error=False)
        time.sleep(1.1)  # the view is drawn twice a second
    return console.file.getvalue()


def test_a_pipe_gets_one_plain_line_for_each_step(instance):
    lines = text_of_run(instance, Console(file=io.StringIO(), width=30)).splitlines()
    assert [re.match(r"(. \d/6)", line)[0][2:] for line in lines] == [f"{n}/6" for n in range(1, 7)]
    printed = "\n".join(sorted(re.sub(r"\d+\.\d s", "0.0 s", line[6:]) for line in lines))
    assert printed == (
        "broken 0.0 s\n"
        "cards 0.0 s, 1,234 rows\n"
        "check cards_are_new of cards 0.0 s\n"
        "check cards_are_whole of cards 0.0 s\n"
        "check there_are_cards of cards 0.0 s\n"
        "judged 0.0 s, 1,200 rows of kept, 34 rows of left_out"
    )
    marks = {re.split(r" \d+\.\d s", line[6:])[0]: line[0] for line in lines}
    assert marks["broken"] == marks["check cards_are_whole of cards"] == "✗"
    assert marks["check cards_are_new of cards"] == "!"
    assert marks["check there_are_cards of cards"] == marks["cards"] == "✓"


def test_a_terminal_also_shows_what_is_done_and_how_long_it_will_take(instance):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    printed = text_of_run(instance, console, seconds=90)
    assert re.search(r"6 of 6 steps · 2,468 rows written · \d:\d\d of about 1:30", printed)
    assert printed.count("✓") == 3


@contextmanager
def step_under_way(instance, console):
    @dg.op
    def long_one():
        time.sleep(1.6)

    @dg.job
    def waiting():
        long_one.alias("first")()

    with shown_progress(instance, RUN, console, steps=1, expected_seconds=None):
        waiting.execute_in_process(instance=instance, run_id=RUN)
    yield


def test_a_terminal_shows_what_runs_now(instance):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with step_under_way(instance, console):
        printed = console.file.getvalue()
    assert re.search(r"^  first \d:\d\d", printed, re.MULTILINE)
    assert "0 of 1 steps · 0 rows written · " in printed
    assert "of about" not in printed


def test_what_libraries_print_is_kept_out_of_the_terminal(capfd):
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with under_way(console, "Loading"):
        print("of a library")  # noqa: T201 - as libraries do
    assert "of a library" not in console.file.getvalue()
    assert "of a library" in capfd.readouterr().out


def test_the_expected_time_is_that_of_the_newest_run_over_as_many_days(instance):
    def run(first: str, last: str, *, fails: bool = False) -> None:
        @dg.op
        def one():
            if fails:
                raise ValueError("no")

        @dg.job(name="daily")
        def job():
            one()

        tags = {RANGE_START: first, RANGE_END: last}
        job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)

    one_day = {RANGE_START: "2025-01-07", RANGE_END: "2025-01-07"}
    assert expected_seconds(instance, "daily", one_day) is None
    run("2025-01-01", "2025-01-01", fails=True)
    run("2025-01-01", "2025-01-02")
    assert expected_seconds(instance, "daily", one_day) is None
    run("2025-01-05", "2025-01-05")
    (newest,) = instance.get_run_records(limit=1)
    assert expected_seconds(instance, "daily", one_day) == newest.end_time - newest.start_time
    assert expected_seconds(instance, "another", one_day) is None
    assert expected_seconds(instance, "daily", {}) is None
