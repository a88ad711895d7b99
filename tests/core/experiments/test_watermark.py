"""Whose outcomes are complete is said by where their feed ends, not by the newest time anywhere."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from igniteflow_core.config.experiments import (
    ExperimentSettings,
    GuardrailSettings,
    MetricSettings,
)
from igniteflow_core.experiments.analysis import ExperimentAnalysis, analyse
from igniteflow_core.experiments.watermark import outcomes_until
from igniteflow_core.schemas.experiments import EXPERIMENT_REPORT, EXPOSURES, OUTCOMES
from igniteflow_resources.lake.frames import contract_rows

pytestmark = pytest.mark.spark

START = datetime(2025, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
EXPERIMENT = ExperimentSettings(
    name="checkout",
    primary=MetricSettings(name="orders"),
    guardrails=(GuardrailSettings(name="seconds", goal="decrease"),),
    start=START,
    outcome_days=7,
    min_users=50,
)
USERS = 2_000


def on(day: float) -> datetime:
    return START + timedelta(days=day)


def exposed(first: float = 0, last: float = 3) -> pd.DataFrame:
    """2,000 users in equal shares, exposed evenly from one day to the other."""
    return pd.DataFrame(
        {
            "experiment": "checkout",
            "variant": ["control", "treatment"] * (USERS // 2),
            "user_id": [f"U{number}" for number in range(USERS)],
            "event_time": [on(first + (last - first) * n / USERS) for n in range(USERS)],
        }
    )


def feed(until: float, per_day: int = 400, metric: str = "orders") -> pd.DataFrame:
    """Outcomes from the start to a day, of which people of the treatment have twice as many."""
    number = range(int(until * per_day))
    return pd.DataFrame(
        {
            "event_id": [f"{metric}{n}" for n in number],
            "user_id": [f"U{2 * (n % (USERS // 2)) + (n % 3 > 0)}" for n in number],
            "metric": metric,
            "value": 1.0,
            "event_time": [on(n / per_day) for n in number],
        }
    )


def outcome(time: datetime, metric: str = "orders", event_id: str = "stray") -> pd.DataFrame:
    row = (event_id, "U1", metric, 1.0, time)
    return pd.DataFrame([row], columns=OUTCOMES.column_names)


def exposure(time: datetime, experiment: str = "checkout") -> pd.DataFrame:
    row = (experiment, "control", "late", time)
    return pd.DataFrame([row], columns=EXPOSURES.column_names)


def analysis(spark, exposures: pd.DataFrame, *outcomes: pd.DataFrame) -> ExperimentAnalysis:
    return analyse(
        contract_rows(spark, exposures, EXPOSURES),
        contract_rows(spark, pd.concat(outcomes), OUTCOMES),
        EXPERIMENT,
        NOW,
    )


STRAYS = {
    "an outcome of 2099": [outcome(datetime(2099, 1, 1, tzinfo=UTC))],
    "an outcome of 2099 of another experiment": [
        outcome(datetime(2099, 1, 1, tzinfo=UTC), "searches")
    ],
    "a later outcome that is not of the future": [outcome(on(50))],
    "later outcomes of another experiment": [feed(50, metric="searches")],
    "a lone outcome on each of two later days": [outcome(on(40)), outcome(on(50), event_id="2")],
}


@pytest.mark.parametrize("strays", STRAYS.values(), ids=STRAYS)
def test_a_stray_outcome_finishes_nobody(spark, strays):
    found = analysis(spark, exposed(), feed(5), *strays)
    assert found.waiting == USERS
    assert found.report.empty
    assert found.outcomes_until == on(5 - 1 / 400)


@pytest.mark.parametrize("time", [datetime(2099, 1, 1, tzinfo=UTC), on(50)])
@pytest.mark.parametrize("experiment", ["checkout", "another"])
def test_a_stray_exposure_finishes_nobody(spark, time, experiment):
    found = analysis(spark, pd.concat([exposed(), exposure(time, experiment)]), feed(5))
    assert found.report.empty
    waits = experiment == "checkout" and time < NOW
    assert (found.waiting, sum(found.users.values())) == (USERS + waits, USERS + waits)


def test_a_feed_that_ends_before_the_exposures_counts_nobody_as_0(spark):
    """Users of days 0 to 20, outcomes until day 12: those of the first 5 days are complete."""
    found = analysis(spark, exposed(0, 20), feed(12))
    assert found.waiting == pytest.approx(USERS * 15 / 20, abs=2)
    counted = found.report.set_index("metric").loc["orders"]
    assert counted["control_users"] + counted["treatment_users"] == USERS - found.waiting
    whole = analysis(spark, exposed(0, 5), feed(12))
    assert whole.waiting == pytest.approx(0, abs=2)
    assert whole.report.iloc[0]["control_mean"] > 0.5


def test_a_delivery_of_part_of_a_day_reaches_as_far_as_it_does(spark):
    """Day 10 has been delivered until 06:00, and day 11 has only just begun: 4 of 400 outcomes."""
    assert analysis(spark, exposed(), feed(10.25)).outcomes_until == on(10.25 - 1 / 400)
    assert analysis(spark, exposed(), feed(10.01)).outcomes_until == on(10 - 1 / 400)


def test_outcomes_that_are_rare_reach_as_far_as_the_newest(spark):
    rare = contract_rows(spark, feed(20, per_day=1), OUTCOMES)
    assert outcomes_until(rare, EXPERIMENT, NOW) == on(19)


def test_one_metric_may_end_while_another_goes_on(spark):
    """Seconds come with exposures, which are over, while people go on ordering."""
    found = analysis(spark, exposed(0, 5), feed(5, metric="seconds"), feed(12.5))
    assert found.waiting == 0


def test_without_outcomes_everybody_waits(spark):
    found = analysis(spark, exposed(), feed(5, metric="searches"))
    assert (found.outcomes_until, found.waiting) == (None, USERS)
    assert found.report.empty


def test_the_report_says_until_when_outcomes_are_known_and_who_waits(spark):
    found = analysis(spark, exposed(0, 20), feed(15))
    row = contract_rows(spark, found.report, EXPERIMENT_REPORT).first()
    assert row["outcomes_until"].replace(tzinfo=UTC) == on(15 - 1 / 400)
    assert row["waiting_users"] == found.waiting > 0
