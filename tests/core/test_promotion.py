import pytest

from igniteflow_core.intervals import Interval
from igniteflow_core.promotion import (
    PromotionDecision,
    better_than_champion,
    enough,
    never_rolled_back,
    not_worse_in_segments,
    within,
)


@pytest.mark.parametrize(
    ("gain", "margin", "passed"),
    [
        (Interval(0.02, 0.01, 0.03), 0.0, True),
        (Interval(0.02, -0.01, 0.05), 0.0, False),
        (Interval(0.02, 0.01, 0.03), 0.01, False),
        (Interval(0.0, 0.0, 0.0), 0.0, False),
        (Interval(-0.02, -0.03, -0.01), 0.0, False),
        (None, 0.1, True),
    ],
)
def test_a_gain_counts_only_if_its_whole_interval_exceeds_the_margin(gain, margin, passed):
    assert better_than_champion("average precision", gain, margin).passed is passed


def test_one_unmet_criterion_refuses_and_names_what_was_asked_and_found():
    gain = better_than_champion("nDCG", Interval(0.02, 0.01, 0.03), 0.0)
    decision = PromotionDecision((gain, enough("test frauds", 12, 30), within("size", 3, 5, "MB")))
    assert not decision.promoted
    assert decision.reason == "test frauds: 12, required: at least 30"


def test_a_promotion_is_told_by_its_gain():
    gain = better_than_champion("nDCG", Interval(0.02, 0.01, 0.03), 0.0)
    decision = PromotionDecision((gain, never_rolled_back(None)))
    assert decision.promoted
    assert decision.reason == "nDCG +0.0200 (95 % interval +0.0100 to +0.0300)"
    assert "| rolled back before | yes | never | never |" in decision.markdown()


@pytest.mark.parametrize(("loss", "passed"), [(0.04, True), (0.05, True), (0.06, False)])
def test_the_segment_that_loses_most_decides(loss, passed):
    criterion = not_worse_in_segments("recall", [("night", -0.2), ("weekend", loss)], 0.05)
    assert criterion.passed is passed
    assert criterion.measured == f"{loss:+.4f} in weekend"


def test_without_a_segment_that_is_large_enough_nothing_is_held_against_the_challenger():
    assert not_worse_in_segments("recall", [], 0.05).passed


def test_a_version_that_was_taken_out_of_service_does_not_come_back():
    criterion = never_rolled_back("precision dropped")
    assert not criterion.passed
    assert criterion.measured == "precision dropped"
