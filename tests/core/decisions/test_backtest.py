"""The backtest of a changed policy, by an example that was computed by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.decisions.backtest import (
    CHANGED,
    PRESENT,
    Costs,
    backtest,
    backtest_figure,
    policy_criteria,
)
from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.decisions.policy import DecisionPolicy
from igniteflow_core.decisions.table import decide_table
from igniteflow_core.errors import PermanentError
from igniteflow_core.schemas.backtest import DECISION_BACKTEST

# day, customer, amount, fraud, score; the model's threshold is 0.5
ROWS = [
    (1, "C1", 100.0, 1, 0.9),
    (1, "C2", 50.0, 1, 0.3),
    (1, "C3", 20.0, 0, 0.6),
    (1, "C3", 30.0, 0, 0.7),
    (2, "C1", 400.0, 1, 0.2),
    (2, "C4", 600.0, 0, 0.1),
    (2, "C5", 10.0, 0, 0.1),
]
CHANGE = {
    "bands": {"review": 0.65, "decline": 0.8},
    "rules": [{"name": "large", "when": "amount > 300", "then": "decline"}],
}


@pytest.fixture
def result():
    frame = pd.DataFrame(ROWS, columns=["day", "customer_id", "amount", "is_fraud", "score"])
    frame["event_date"] = [date(2026, 3, day) for day in frame["day"]]
    frame["event_time"] = pd.to_datetime(frame["event_date"])
    policies = {
        PRESENT: CompiledPolicy(DecisionPolicy(), Vocabulary(), "1"),
        CHANGED: CompiledPolicy(DecisionPolicy.model_validate(CHANGE), Vocabulary(), "2"),
    }
    scores = frame["score"].to_numpy(dtype=np.float64)
    return backtest(policies, frame, scores, 0.5, Costs(review=10.0, decline=25.0))


def test_each_day_is_as_computed_by_hand(result):
    # Reviewed by the threshold: 0.9, 0.6 and 0.7 of the first day; 50 are missed, then 400.
    # By the change: 0.9 is declined and 0.7 reviewed; then 400 and 600 are declined as large.
    columns = [
        "policy", "frauds", "reviewed", "declined", "caught_amount", "missed_amount",
        "genuine_declined", "bothered_customers", "cost",
    ]  # fmt: skip
    assert result.days[columns].to_numpy().tolist() == [
        [CHANGED, 2, 1, 1, 100.0, 50.0, 0, 1, 60.0],
        [PRESENT, 2, 3, 0, 100.0, 50.0, 0, 1, 80.0],
        [CHANGED, 1, 0, 2, 400.0, 0.0, 1, 1, 25.0],
        [PRESENT, 1, 0, 0, 0.0, 400.0, 0, 0, 400.0],
    ]
    assert set(DECISION_BACKTEST.column_names) <= set(result.days.columns)


def test_the_totals_and_what_each_part_has_decided(result):
    assert result.totals["cost"].to_dict() == {PRESENT: 480.0, CHANGED: 85.0}
    assert result.totals["caught_frauds"].to_dict() == {PRESENT: 1, CHANGED: 2}
    parts = result.parts.set_index(["policy", "decided_by"])
    assert parts.loc[(CHANGED, "rule:large"), "transactions"] == 2
    assert parts.loc[(CHANGED, "rule:large"), "caught_amount"] == 400.0
    assert parts.loc[(PRESENT, "score"), "transactions"] == len(ROWS)


def test_a_change_is_held_to_its_cost_and_to_the_genuine_transactions_it_declines(result):
    cost, declined = policy_criteria(result.totals, max_cost_rise=0.1, max_genuine_declined=0.2)
    assert cost.passed
    assert not declined.passed  # one of four
    turned = result.totals.rename(index={PRESENT: CHANGED, CHANGED: PRESENT})
    cost, declined = policy_criteria(turned, max_cost_rise=4.6, max_genuine_declined=0.0)
    assert not cost.passed  # 480 against 85 * 5.6 = 476
    assert declined.passed
    assert policy_criteria(turned, max_cost_rise=4.7, max_genuine_declined=0.0)[0].passed


def test_a_table_without_a_column_that_the_policy_reads_is_refused_with_its_name():
    policy = CompiledPolicy(DecisionPolicy.model_validate(CHANGE), Vocabulary(), "2")
    frame = pd.DataFrame({"event_time": pd.to_datetime(["2026-03-01"])})
    with pytest.raises(PermanentError, match="no columns amount"):
        decide_table(policy, frame, np.array([0.5]), 0.5)


def test_the_plot_has_both_policies_in_each_chart(result):
    figure = backtest_figure(result.days)
    assert [len(axes.lines) for axes in figure.axes] == [2, 2, 2]
    assert [line.get_ydata().tolist() for line in figure.axes[1].lines] == [[80, 400], [60, 25]]
