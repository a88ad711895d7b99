from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from igniteflow_core.config.experiments import ExperimentSettings, MetricSettings
from igniteflow_core.experiments.assignment import assign, bucket
from igniteflow_core.experiments.sample_ratio import MISMATCH_P_VALUE, sample_ratio_p_value

USERS = [f"user-{number}" for number in range(20_000)]


def experiment(**changes) -> ExperimentSettings:
    values = {
        "name": "new-ranking",
        "primary": MetricSettings(name="orders"),
        "start": datetime(2025, 1, 1, tzinfo=UTC),
    }
    return ExperimentSettings(**values | changes)


def assigned(settings: ExperimentSettings) -> dict[str, str]:
    variants = {user: assign(settings, user) for user in USERS}
    return {user: variant for user, variant in variants.items() if variant is not None}


def test_an_assignment_never_changes():
    # Fixed by hand once: another value would move the people of every running experiment.
    assert bucket("new-ranking/variant", "user-1") == pytest.approx(0.8638539587418754)
    assert assigned(experiment()) == assigned(experiment())


def test_buckets_are_uniform():
    values = [bucket("salt", user) for user in USERS]
    assert stats.kstest(values, "uniform").pvalue > 0.01


def test_variants_get_their_shares():
    shares = {"control": 0.5, "blue": 0.3, "green": 0.2}
    made = assigned(experiment(variants=shares))
    counts = {name: list(made.values()).count(name) for name in shares}
    assert len(made) == len(USERS)
    assert sample_ratio_p_value(counts, shares) > 0.01


def test_a_higher_percentage_adds_people_and_moves_nobody():
    small, large = assigned(experiment(percentage=10)), assigned(experiment(percentage=50))
    assert len(small) == pytest.approx(2_000, rel=0.1)
    assert len(large) == pytest.approx(10_000, rel=0.05)
    assert small.items() <= large.items()


def test_experiments_are_independent_of_each_other():
    first, second = assigned(experiment()), assigned(experiment(name="other"))
    table = np.zeros((2, 2))
    for user in USERS:
        table[int(first[user] == "control"), int(second[user] == "control")] += 1
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_only_the_named_segments_take_part():
    chosen = experiment(segments=("students",))
    assert assign(chosen, "user-1", "students") in {"control", "treatment"}
    assert assign(chosen, "user-1", "families") is None
    assert assign(chosen, "user-1") is None


def test_a_sample_ratio_mismatch_is_found_and_chance_is_not():
    shares = {"control": 0.5, "treatment": 0.5}
    assert sample_ratio_p_value({"control": 5_050, "treatment": 4_950}, shares) > 0.3
    assert sample_ratio_p_value({"control": 5_200, "treatment": 4_800}, shares) < MISMATCH_P_VALUE
    assert sample_ratio_p_value({"control": 100}, shares) < MISMATCH_P_VALUE
    assert sample_ratio_p_value({}, shares) == 1.0


def test_the_chi_square_test_is_that_worked_out_by_hand():
    # (60-50)^2/50 + (40-50)^2/50 = 4 with one degree of freedom.
    p_value = sample_ratio_p_value({"a": 60, "b": 40}, {"a": 0.5, "b": 0.5})
    assert p_value == pytest.approx(float(stats.chi2.sf(4.0, 1)))


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"variants": {"control": 0.5, "treatment": 0.4}}, "add up"),
        ({"variants": {"a": 0.5, "b": 0.5}}, "control"),
        ({"variants": {"control": 1.0, "treatment": 0.0}}, "above 0"),
        ({"end": datetime(2024, 1, 1, tzinfo=UTC)}, "after start"),
        ({"guardrails": ({"name": "orders"},)}, "twice"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(changes, mistake):
    with pytest.raises(ValidationError, match=mistake):
        experiment(**changes)
