"""The short form of the fault campaign: one trial of each fault, on a part of the graph."""

import random
import shutil
from collections.abc import Callable
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
from benchmarks.chaos.slow_s3 import slow_s3
from benchmarks.chaos.twice_at_once import twice_at_once

pytestmark = [pytest.mark.spark, pytest.mark.slow]

ASSETS = ["customers", "quarantined_customers", "users", "quarantined_users"]
DISTURBED = [
    "customers", "quarantined_customers", "terminals", "quarantined_terminals", "users",
    "quarantined_users", "raw_transactions", "transactions",
    "quarantined_transactions", "online_features",
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


@pytest.mark.parametrize("fault", FAULTS)
def test_tables_and_states_are_those_of_an_undisturbed_run_with(
    fault: str, undisturbed: Reference, tmp_path: Path
):
    ledger = Ledger(tmp_path / "trials.jsonl")
    FAULTS[fault](Campaign(undisturbed, tmp_path / "disturbed", 1, ledger, random.Random(5)))
    assert len(ledger.trials) == 1
    assert ledger.wrong == []


def test_a_run_or_its_spark_killed_in_every_step_ends_with_the_tables_of_an_undisturbed_one(
    simulated: Path, tmp_path: Path
):
    reference = undisturbed_run(tmp_path / "undisturbed", simulated, ASSETS)
    ledger = Ledger(tmp_path / "trials.jsonl")
    for fault in (RUN, DRIVER):
        run_kills(fault, Campaign(reference, tmp_path / fault, 1, ledger, random.Random(11)))
    assert ledger.wrong == []
    counts = by_fault(ledger.trials).set_index("fault")["tried"]
    assert counts.min() >= 1
    assert counts.sum() >= len(ASSETS)


def test_a_campaign_goes_on_with_the_trials_of_its_home(tmp_path: Path):
    Ledger(tmp_path / "trials.jsonl").add("kill Redis", "online_features", "a state is lost")
    resumed = Ledger(tmp_path / "trials.jsonl")
    resumed.add("kill Redis", "online_features")
    assert [(each.fault, each.wrong) for each in resumed.trials] == [
        ("kill Redis", "a state is lost"),
        ("kill Redis", ""),
    ]
    assert by_fault(resumed.trials)[["tried", "wrong"]].to_numpy().tolist() == [[2, 1]]


def test_a_lost_row_is_noticed(simulated: Path, tmp_path: Path, spark):
    reference = undisturbed_run(tmp_path / "undisturbed", simulated, ["users", "quarantined_users"])
    lake = tmp_path / "disturbed" / "lake"
    shutil.copytree(reference.home / "lake", lake)
    users = DeltaTable.forPath(spark, str(lake / "users"))
    users.delete(col("user_id") == users.toDF().first().user_id)
    ledger = Ledger(tmp_path / "trials.jsonl")
    ledger.compare("a row is taken away", reference.home, lake.parent, {})
    assert [trial.where for trial in ledger.wrong] == ["comparison"]
