"""The short form of the fault campaign: one trial of each fault, on a part of the graph."""

import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from delta import DeltaTable
from pyspark.sql.functions import col

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.daemon_kills import daemon_kills
from benchmarks.chaos.ledger import Ledger, by_fault
from benchmarks.chaos.postgres_kills import postgres_kills
from benchmarks.chaos.redis_kills import redis_kills
from benchmarks.chaos.reference import Reference, undisturbed_run
from benchmarks.chaos.run_kills import DRIVER, RUN, run_kills
from benchmarks.chaos.runs import warm_process
from benchmarks.chaos.slow_s3 import slow_s3
from benchmarks.chaos.twice_at_once import twice_at_once
from benchmarks.session import local_spark
from igniteflow_core.config.platform import SparkSettings

pytestmark = [pytest.mark.spark, pytest.mark.slow]

KILLED = ["customers", "quarantined_customers", "terminals", "quarantined_terminals"]
DISTURBED = [
    *KILLED, "raw_transactions", "transactions", "quarantined_transactions", "online_features",
]  # fmt: skip
FAULTS: dict[str, Callable[[Campaign], None]] = {
    "Redis killed": redis_kills,
    "PostgreSQL killed": postgres_kills,
    "the daemon killed": daemon_kills,
    "S3 disturbed": slow_s3,
    "two runs at once": twice_at_once,
}


@pytest.fixture(scope="module")
def undisturbed(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return undisturbed_run(tmp_path_factory.mktemp("undisturbed"), simulated, DISTURBED)


def part_of(reference: Reference, assets: list[str], home: Path) -> Reference:
    """What the undisturbed run did for these assets, in a home that has no other tables."""
    for name in assets:
        shutil.copytree(reference.home / "lake" / name, home / "lake" / name)
    steps = {step: made for step, made in reference.steps.items() if {*made} <= {*assets}}
    return replace(reference, home=home, steps=steps)


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    """The one process, with one Spark session, of what needs no other."""
    with warm_process() as process:
        yield process


@pytest.mark.parametrize("fault", FAULTS)
def test_tables_and_states_are_those_of_an_undisturbed_run_with(
    fault: str, undisturbed: Reference, process: ProcessPoolExecutor, tmp_path: Path
):
    ledger = Ledger(tmp_path / "trials.jsonl")
    FAULTS[fault](
        Campaign(undisturbed, tmp_path / "disturbed", 1, ledger, random.Random(5), process)
    )
    assert len(ledger.trials) == 1
    assert ledger.wrong == []


def test_a_run_or_its_spark_killed_in_every_step_ends_with_the_tables_of_an_undisturbed_one(
    undisturbed: Reference, process: ProcessPoolExecutor, tmp_path: Path
):
    reference = part_of(undisturbed, KILLED, tmp_path / "undisturbed")
    ledger = Ledger(tmp_path / "trials.jsonl")
    for fault in (RUN, DRIVER):
        chance = random.Random(11)
        run_kills(fault, Campaign(reference, tmp_path / fault, 1, ledger, chance, process))
    assert ledger.wrong == []
    counts = by_fault(ledger.trials).set_index("fault")["tried"]
    assert counts.min() >= 1
    assert counts.sum() >= len(KILLED)


def test_a_campaign_goes_on_with_the_trials_of_its_home(tmp_path: Path):
    Ledger(tmp_path / "trials.jsonl").add("kill Redis", "online_features", "a state is lost")
    resumed = Ledger(tmp_path / "trials.jsonl")
    resumed.add("kill Redis", "online_features")
    assert [(each.fault, each.wrong) for each in resumed.trials] == [
        ("kill Redis", "a state is lost"),
        ("kill Redis", ""),
    ]
    assert by_fault(resumed.trials)[["tried", "wrong"]].to_numpy().tolist() == [[2, 1]]


def lose_a_terminal(lake: Path) -> None:
    terminals = DeltaTable.forPath(local_spark(SparkSettings()), str(lake / "terminals"))
    terminals.delete(col("terminal_id") == terminals.toDF().first().terminal_id)


def test_a_lost_row_is_noticed(
    undisturbed: Reference, process: ProcessPoolExecutor, tmp_path: Path
):
    ledger = Ledger(tmp_path / "trials.jsonl")
    campaign = Campaign(undisturbed, tmp_path / "disturbed", 1, ledger, random.Random(1), process)
    campaign.copy_of_reference()
    process.submit(lose_a_terminal, campaign.home / "lake").result()
    campaign.compare("a row is taken away")
    assert [trial.where for trial in ledger.wrong] == ["comparison"]
    assert "terminals" in ledger.wrong[0].wrong
