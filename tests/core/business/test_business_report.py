from datetime import date

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.business.fraud_days import fraud_days
from igniteflow_core.business.page import business_figures, business_page
from igniteflow_core.business.plots import champion_changes
from igniteflow_core.business.report import (
    BusinessReport,
    ModelVersion,
    RecommendationLift,
    experiment_states,
    recommendation_lift,
)
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.schemas.experiments import EXPERIMENT_REPORT

MARCH = [date(2025, 3, day) for day in (1, 2, 3)]
# id, day, amount, alert, label, version
ROWS = [
    ("a", MARCH[0], 10.0, True, 1, "1"),
    ("b", MARCH[0], 20.0, False, 1, "1"),
    ("c", MARCH[0], 40.0, True, 0, "1"),
    ("d", MARCH[0], 80.0, False, 0, "1"),
    ("e", MARCH[1], 5.0, True, 1, "2"),
    ("f", MARCH[1], 7.0, True, None, "2"),
    ("g", MARCH[2], 9.0, False, None, "2"),
]


@pytest.fixture(scope="module")
def days(spark) -> pd.DataFrame:
    return fraud_days(*tables(spark))


def tables(spark, rows=ROWS):
    scores = [row[:4] + row[5:] for row in rows]
    labels = [(row[0], row[1], row[4]) for row in rows]
    return (
        spark.createDataFrame(
            scores,
            "transaction_id string, event_date date, amount double, is_alert boolean, "
            "model_version string",
        ),
        spark.createDataFrame(labels, "transaction_id string, event_date date, is_fraud int"),
    )


def version(number: str, **changes) -> ModelVersion:
    told = {
        "model": "fraud_ensemble", "version": number, "aliases": "", "trained": "2025-01-01",
        "decision": "promoted", "reason": "AP <+0.02>", "rolled_back": None,
    }  # fmt: skip
    return ModelVersion(**(told | changes))


def experiments() -> pd.DataFrame:
    rows = pd.DataFrame(columns=EXPERIMENT_REPORT.column_names)
    for metric, role in (("orders", "primary"), ("page_seconds", "guardrail")):
        rows.loc[len(rows)] = {
            "experiment": "new_ranking", "treatment": "treatment", "metric": metric, "role": role,
            "lift": 0.4, "lift_low": 0.1, "lift_high": 0.7, "decision": "continue",
            "reason": "neither is certain yet",
        }  # fmt: skip
    return experiment_states(rows)


@pytest.mark.spark
def test_each_day_tells_what_its_own_alerts_caught_and_missed(days):
    first, second, third = days.to_dict("records")
    assert (first["event_date"], first["transactions"], first["alerts"]) == (MARCH[0], 4, 2)
    assert (first["caught_amount"], first["missed_amount"]) == (10.0, 20.0)
    assert (first["precision"], first["recall"]) == (0.5, 0.5)
    assert (second["caught_amount"], second["missed_amount"]) == (5.0, 0.0)
    assert third["event_date"] == MARCH[2]


@pytest.mark.spark
def test_alerts_without_a_label_yet_are_load_but_neither_right_nor_wrong(days):
    _, second, third = days.to_dict("records")
    assert (second["alerts"], second["labelled"], second["labelled_alerts"]) == (2, 1, 1)
    assert second["precision"] == 1.0
    assert (third["labelled"], third["labelled_alerts"]) == (0, 0)
    assert np.isnan(third["precision"])
    assert np.isnan(third["recall"])


@pytest.mark.spark
def test_only_the_newest_days_are_told(spark):
    assert fraud_days(*tables(spark), newest_days=2)["event_date"].tolist() == MARCH[1:]


@pytest.mark.spark
def test_a_day_that_several_models_scored_names_them_all(spark):
    rows = [ROWS[0], (*ROWS[1][:5], "2")]
    assert fraud_days(*tables(spark, rows))["model_version"].tolist() == ["1, 2"]


@pytest.mark.spark
def test_without_scores_there_is_no_report(spark):
    with pytest.raises(InsufficientDataError, match="no scores"):
        fraud_days(*tables(spark, []))


@pytest.mark.spark
def test_totals_are_of_all_days_and_count_alerts_with_a_label(days):
    figures = BusinessReport(days, RecommendationLift(0.3, 0.2), experiments(), []).figures()
    assert figures == {
        "caught_amount": 15.0,
        "missed_amount": 20.0,
        "alerts_per_day": pytest.approx(4 / 3),
        "caught_share": pytest.approx(15 / 35),
        "precision": pytest.approx(2 / 3),
        "recommendation_lift": pytest.approx(0.5),
    }


@pytest.mark.spark
def test_what_nobody_knows_yet_is_left_out(days):
    report = BusinessReport(days.iloc[2:], None, experiments(), [])
    assert report.figures() == {"caught_amount": 0.0, "missed_amount": 0.0, "alerts_per_day": 0.0}


@pytest.mark.spark
def test_the_day_on_which_another_model_scores_is_marked(days):
    assert champion_changes(days) == [(MARCH[1], "2")]


def test_the_lift_is_the_recommenders_ndcg_above_that_of_popularity():
    table = pd.DataFrame({"model": ["als", "hybrid", "popularity"], "ndcg": [0.1, 0.36, 0.24]})
    assert recommendation_lift(table).share == pytest.approx(0.5)


def test_an_experiment_is_told_by_its_primary_metric():
    (state,) = experiments().to_dict("records")
    assert (state["metric"], state["lift"], state["decision"]) == ("orders", 0.4, "continue")


@pytest.mark.spark
def test_the_page_shows_money_plots_experiments_and_versions_and_escapes_what_it_is_told(days):
    models = [version("2", aliases="champion"), version("1", rolled_back="too many alerts")]
    report = BusinessReport(days, RecommendationLift(0.36, 0.24), experiments(), models)
    figures = business_figures(report)
    page = business_page(report, figures)
    assert set(figures) == {"caught_and_missed", "alert_load", "experiments"}
    assert page.count("data:image/png;base64,iVBOR") == 3
    for expected in (
        "Business report of 2025-03-03", "42.9 %", "50.0 %", "40.0 %", "10.0 % to 70.0 %",
        "AP &lt;+0.02&gt;", "rolled back: too many alerts",
    ):  # fmt: skip
        assert expected in page, expected


@pytest.mark.spark
def test_the_page_says_what_is_not_there(days):
    nothing = experiments().iloc[:0]
    report = BusinessReport(days.iloc[2:], None, nothing, [])
    page = business_page(report, business_figures(report))
    assert "No recommender was evaluated yet" in page
    assert "no experiment is running" in page
