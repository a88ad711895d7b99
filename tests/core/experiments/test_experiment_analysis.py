from datetime import UTC, datetime

import pytest
from pyspark.sql import Row

from igniteflow_core.config.experiments import (
    ExperimentSettings,
    GuardrailSettings,
    MetricSettings,
)
from igniteflow_core.experiments.analysis import analyse
from igniteflow_core.experiments.outcomes import exposed_users, sums_by_day
from igniteflow_core.experiments.plots import plot_looks
from igniteflow_core.ingestion.tables import judge_table
from igniteflow_core.schemas.experiments import (
    EXPERIMENT_REPORT,
    EXPOSURES,
    OUTCOMES,
    QUARANTINED_OUTCOMES,
)
from igniteflow_core.simulation.experiment import draw_experiment, simulated_experiment
from igniteflow_core.simulation.settings import SimulationSettings
from tests.clock import CLOCK

pytestmark = pytest.mark.spark


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 1, day, hour)


EXPERIMENT = ExperimentSettings(
    name="test",
    primary=MetricSettings(name="orders"),
    guardrails=(GuardrailSettings(name="seconds", goal="decrease"),),
    start=datetime(2025, 1, 2, tzinfo=UTC),
    end=datetime(2025, 1, 20, tzinfo=UTC),
    outcome_days=2,
)


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def exposures(spark, *rows):
    return spark.createDataFrame(
        [("test", variant, user, time) for user, variant, time in rows], EXPOSURES.ddl
    )


def outcomes(spark, *rows):
    return spark.createDataFrame(
        [(str(number), *row) for number, row in enumerate(rows)], OUTCOMES.ddl
    )


def test_the_first_exposure_in_the_period_counts(spark):
    table = exposures(
        spark,
        ("a", "control", at(1)),  # before the start
        ("a", "control", at(4)),
        ("a", "control", at(3)),
        ("b", "treatment", at(20)),  # at the end, which is not part of the period
    )
    rows = exposed_users(table, EXPERIMENT).collect()
    assert rows == [Row(user_id="a", variant="control", exposed_at=at(3))]


def test_whoever_saw_two_variants_or_an_unknown_one_is_left_out_and_counted(spark):
    table = exposures(
        spark,
        ("a", "control", at(3)),
        ("b", "control", at(3)),
        ("b", "treatment", at(4)),
        ("c", "purple", at(3)),
    )
    analysis = analyse(table, outcomes(spark, ("a", "orders", 1.0, at(9))), EXPERIMENT, NOW)
    assert analysis.users == {"control": 1, "treatment": 0}
    assert analysis.of_several_variants == 2


def test_outcomes_count_from_the_exposure_until_the_end_of_the_days(spark):
    users = exposed_users(exposures(spark, ("a", "control", at(3, 12))), EXPERIMENT)
    happened = outcomes(
        spark,
        ("a", "orders", 1.0, at(3, 11)),  # before it
        ("a", "orders", 10.0, at(3, 12)),  # with it
        ("a", "orders", 100.0, at(5, 11)),
        ("a", "orders", 1000.0, at(5, 12)),  # two days after it, to the minute
        ("a", "other", 5.0, at(4)),
        ("b", "orders", 7.0, at(4)),  # never exposed
    )
    table = sums_by_day(users, happened, EXPERIMENT, at(9)).set_index("metric")
    assert table.loc["orders", ["users", "total", "total_of_squares"]].tolist() == [1, 110, 12_100]
    assert table.loc["seconds", ["users", "total", "total_of_squares"]].tolist() == [1, 0, 0]
    assert str(table.loc["orders", "day"]) == "2025-01-05"


def test_a_user_counts_once_the_days_are_over_and_not_before(spark):
    users = exposed_users(exposures(spark, ("a", "control", at(3, 12))), EXPERIMENT)
    happened = outcomes(spark, ("a", "orders", 1.0, at(4)))
    assert sums_by_day(users, happened, EXPERIMENT, at(5, 11)).empty
    assert len(sums_by_day(users, happened, EXPERIMENT, at(5, 12))) == 2


def test_an_outcome_delivered_twice_counts_once(spark):
    raw = spark.createDataFrame(
        [
            ("1", "a", "orders", "2", "2025-01-03 10:00:00", "f1", None, None),
            ("1", "a", "orders", "2", "2025-01-03 10:00:00", "f2", None, None),
            ("2", " ", "orders", "x", "someday", "f1", None, None),
        ],
        "event_id string, user_id string, metric string, value string, event_time string, "
        "source_file string, fault string, row_text string",
    )
    judged = judge_table(raw, OUTCOMES, CLOCK)
    assert judged.accepted.collect() == [
        Row(event_id="1", user_id="a", metric="orders", value=2.0, event_time=at(3, 10))
    ]
    refused = judged.quarantined
    assert refused.columns == QUARANTINED_OUTCOMES.column_names
    reasons = {row["event_id"]: row["reasons"] for row in refused.collect()}
    assert reasons == {
        "1": ["duplicate"],
        "2": ["missing_user_id", "invalid_value", "invalid_event_time"],
    }


def test_a_planted_effect_is_found_and_every_look_is_shown(spark):
    simulation = SimulationSettings(days=40)
    experiment = simulated_experiment(simulation)
    shown, happened = draw_experiment(simulation, [f"U{number}" for number in range(4_000)])
    analysis = analyse(
        spark.createDataFrame(shown), spark.createDataFrame(happened), experiment, NOW
    )
    report = analysis.report.set_index("metric")
    assert list(analysis.report.columns) == EXPERIMENT_REPORT.column_names
    assert analysis.of_several_variants == 0
    assert sum(analysis.users.values()) == 4_000
    assert report.loc["orders", "decision"] == "ship"
    # Of the orders of 8 days those of 5 count; treatment makes 0.4 more of them than control.
    assert report.loc["orders", "control_mean"] == pytest.approx(5 / 8, abs=0.06)
    assert report.loc["orders", "lift_low"] < 0.4 < report.loc["orders", "lift_high"]
    assert report.loc["page_seconds", "state"] == "safe"
    looks = analysis.looks["treatment"]
    assert looks["day"].is_monotonic_increasing
    assert looks.iloc[-1]["difference"] == pytest.approx(report.loc["orders", "difference"])
    assert len(plot_looks(looks, "orders", "treatment").axes[0].lines) == 2
