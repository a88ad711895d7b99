import numpy as np
import pytest
from scipy import stats

from igniteflow_core.experiments.comparison import Sample, compare
from igniteflow_core.experiments.decision import decide, guardrail_state, primary_state


def sample(values: np.ndarray) -> Sample:
    return Sample.of_sums(len(values), float(values.sum()), float((values**2).sum()))


def flat(users: int, mean: float, variance: float = 1.0) -> Sample:
    return Sample(users, mean, variance)


def measured(treatment_mean: float, users: int = 10_000, margin: float = 0.0):
    return compare(
        flat(users, 1.0), flat(users, treatment_mean), alpha=0.05, effect_scale=0.1, margin=margin
    )


def asked(primary="better", guardrails=None, **changes):
    values = {
        "sample_ratio_p_value": 0.5, "fewest_users": 1_000, "min_users": 100, "max_users": None,
    }  # fmt: skip
    return decide(primary, guardrails or {}, **values | changes).action


def test_the_comparison_for_one_look_is_welchs_test_of_scipy():
    rng = np.random.default_rng(4)
    control, treatment = rng.exponential(1.0, 400), rng.exponential(1.2, 300)
    made = compare(sample(control), sample(treatment), alpha=0.05, effect_scale=0.1)
    expected = stats.ttest_ind(treatment, control, equal_var=False)
    assert made.p_value == pytest.approx(expected.pvalue)
    assert (made.low, made.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert made.always_low < made.low < made.high < made.always_high
    assert made.always_p_value > made.p_value


def test_the_interval_of_the_lift_covers_the_true_lift():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(1_000):
        control, treatment = rng.exponential(2.0, 500), rng.exponential(2.2, 500)
        made = compare(sample(control), sample(treatment), alpha=0.05, effect_scale=0.1)
        covered += made.lift_low <= 0.1 <= made.lift_high
    assert covered / 1_000 == pytest.approx(0.95, abs=0.02)


def test_a_lift_over_nothing_is_no_number():
    made = compare(flat(100, 0.0), flat(100, 1.0), alpha=0.05, effect_scale=0.1)
    assert np.isnan(made.lift)
    assert made.difference == 1.0


def test_variants_in_which_nobody_differs_leave_nothing_uncertain():
    same = compare(flat(100, 1.0, 0.0), flat(100, 1.0, 0.0), alpha=0.05, effect_scale=0.1)
    assert (same.always_low, same.always_high, same.always_p_value) == (0.0, 0.0, 1.0)
    other = compare(flat(100, 1.0, 0.0), flat(100, 2.0, 0.0), alpha=0.05, effect_scale=0.1)
    assert primary_state(other, "increase") == "better"


@pytest.mark.parametrize(
    ("mean", "increase", "decrease"),
    [(1.2, "better", "worse"), (0.8, "worse", "better"), (1.001, "open", "open")],
)
def test_the_goal_says_which_way_is_better(mean, increase, decrease):
    assert primary_state(measured(mean), "increase") == increase
    assert primary_state(measured(mean), "decrease") == decrease


@pytest.mark.parametrize(
    ("mean", "state"),
    [
        (0.96, "open"),  # within the margin of 5 %, but 10,000 users cannot show it
        (1.2, "safe"),
        (0.7, "broken"),
    ],
)
def test_a_guardrail_is_safe_once_more_harm_than_the_margin_is_ruled_out(mean, state):
    assert guardrail_state(measured(mean, margin=-0.05), "increase") == state


def test_a_guardrail_that_does_not_change_becomes_safe_with_enough_users():
    assert guardrail_state(measured(1.0, 1_000_000, margin=-0.05), "increase") == "safe"
    assert guardrail_state(measured(1.0, 1_000_000, margin=0.05), "decrease") == "safe"
    assert guardrail_state(measured(1.2, 1_000_000, margin=0.05), "decrease") == "broken"


def test_what_is_better_and_safe_ships():
    assert asked("better", {"latency": "safe"}) == "ship"


@pytest.mark.parametrize(
    ("given", "action"),
    [
        ({"primary": "better", "guardrails": {"latency": "open"}}, "continue"),
        ({"primary": "better", "guardrails": {"latency": "broken"}}, "stop"),
        ({"primary": "open"}, "continue"),
        ({"primary": "open", "guardrails": {"latency": "broken"}}, "stop"),
        ({"primary": "worse"}, "stop"),
        ({"primary": "open", "max_users": 1_000}, "no_difference"),
        ({"primary": "better", "guardrails": {"latency": "open"}, "max_users": 1_000}, "stop"),
        ({"primary": "better", "fewest_users": 99}, "continue"),
        ({"primary": "better", "sample_ratio_p_value": 1e-6}, "invalid"),
    ],
)
def test_everything_else_waits_or_stops(given, action):
    assert asked(**given) == action
