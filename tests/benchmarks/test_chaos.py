"""The short form of the fault campaign: a few kills of a small part of the graph."""

import random
from pathlib import Path

import pytest

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.ledger import Ledger, by_fault
from benchmarks.chaos.reference import undisturbed_run
from benchmarks.chaos.run_kills import DRIVER, RUN, run_kills

# Runs are forked from the process that the tests of the same group have started.
pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.xdist_group("kills")]

ASSETS = ["customers", "users"]


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
    reference = undisturbed_run(tmp_path / "undisturbed", simulated, ["users"])
    lake = tmp_path / "disturbed" / "lake"
    rows = spark.read.format("delta").load(str(reference.home / "lake" / "users"))
    rows.limit(rows.count() - 1).write.format("delta").save(str(lake / "users"))
    ledger = Ledger(tmp_path / "trials.jsonl")
    ledger.compare("a row is taken away", reference.home, lake.parent, {})
    assert [trial.where for trial in ledger.wrong] == ["comparison"]
