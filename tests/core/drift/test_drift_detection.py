"""Detection: planted shifts are found, stationary data is left alone, p values are corrected."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy.stats import chi2, norm

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.detect import detect_drift
from igniteflow_core.drift.plots import plot_distributions, plot_psi
from igniteflow_core.errors import ConfigurationError, InsufficientDataError

SETTINGS = DriftSettings()


def sample(seed, rows=4_000, **columns):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": random.gamma(2.0, 25.0, rows),
            "count": random.poisson(2.0, rows),
            "risk": random.beta(1.0, 20.0, rows),
        }
    )
    return frame.assign(**columns)


FEATURES = ["amount", "count", "risk"]


def test_identical_samples_do_not_drift():
    report = detect_drift(sample(1), sample(1), FEATURES, SETTINGS)
    assert report.drifted == ()
    assert report.score == 0.0
    assert [feature.p_adjusted for feature in report.features] == [1.0, 1.0, 1.0]


def test_samples_of_one_distribution_do_not_drift():
    for seed in range(2, 30):
        assert detect_drift(sample(1), sample(seed), FEATURES, SETTINGS).drifted == ()


def normal_shift_of_psi(psi):
    """The shift of a unit normal whose PSI over deciles is ``psi``, by bisection."""
    edges = norm.ppf(np.arange(1, 10) / 10)
    low, high = 0.0, 3.0
    for _ in range(60):
        shift = (low + high) / 2
        q = np.diff(norm.cdf(edges - shift), prepend=0, append=1)
        low, high = (shift, high) if ((q - 0.1) * np.log(q / 0.1)).sum() < psi else (low, shift)
    return shift


def test_planted_shift_of_psi_two_tenths_is_found_and_nothing_else():
    shift = normal_shift_of_psi(0.2)
    for seed in range(20):
        random = np.random.default_rng(seed)
        reference = sample(seed, moved=random.normal(size=4_000))
        current = sample(seed + 100, moved=random.normal(shift, size=4_000))
        report = detect_drift(reference, current, [*FEATURES, "moved"], SETTINGS)
        assert [feature.feature for feature in report.drifted] == ["moved"]
        assert report.drifted[0].psi == pytest.approx(0.2, abs=0.06)
        assert report.drifted[0].wasserstein == pytest.approx(shift, abs=0.08)


def test_large_psi_of_few_rows_is_not_drift_while_the_test_disagrees():
    report = detect_drift(sample(1), sample(2, rows=8), ["amount"], SETTINGS)
    assert report.score > SETTINGS.psi_threshold
    assert report.drifted == ()


def test_significant_but_small_shift_is_not_drift():
    reference, current = sample(1, rows=50_000), sample(2, rows=50_000)
    current["amount"] *= 1.05
    feature = detect_drift(reference, current, ["amount"], SETTINGS).features[0]
    assert feature.p_adjusted < 1e-6
    assert not feature.drifted


def test_size_exactly_on_the_threshold_counts():
    reference, current = sample(1), sample(2)
    current["amount"] *= 2
    psi = detect_drift(reference, current, ["amount"], SETTINGS).score
    on = detect_drift(reference, current, ["amount"], DriftSettings(psi_threshold=psi))
    above = detect_drift(
        reference, current, ["amount"], DriftSettings(psi_threshold=math.nextafter(psi, 9))
    )
    assert (len(on.drifted), len(above.drifted)) == (1, 0)


def test_p_values_are_adjusted_as_benjamini_and_hochberg_do():
    reference = pd.DataFrame({f"f{i}": np.repeat([0, 1], 500) for i in range(4)})
    current = pd.DataFrame(
        {f"f{i}": np.repeat([0, 1], [500 - d, 500 + d]) for i, d in enumerate([0, 30, 25, 60])}
    )
    features = detect_drift(reference, current, list(reference.columns), SETTINGS).features
    # Two rows of a 2 x 2 table with 1,000 rows each: chi-square = 4 d^2 * 1000 / (a * b) / 2 with
    # the column totals a = 1000 - d and b = 1000 + d.
    p = [
        chi2.sf(2_000 * d**2 * 1_000 / ((1_000 - d) * (1_000 + d)) / 1_000, df=1)
        for d in (0, 30, 25, 60)
    ]
    assert [feature.p_value for feature in features] == pytest.approx(p)
    # In order of size: p4, p2, p3, p1, each times 4 over its rank, never above a later one.
    fourth = p[0]
    third = min(p[2] * 4 / 3, fourth)
    second = min(p[1] * 4 / 2, third)
    first = min(p[3] * 4 / 1, second)
    assert [feature.p_adjusted for feature in features] == pytest.approx(
        [fourth, second, third, first]
    )


def test_appearing_gaps_are_drift():
    current = sample(2)
    current.loc[current.index[:800], "amount"] = np.nan
    report = detect_drift(sample(1), current, FEATURES, SETTINGS)
    assert [(feature.feature, feature.test) for feature in report.drifted] == [("amount", "chi2")]


def test_constant_feature_is_stable_and_its_change_is_found():
    reference = sample(1, flag=1.0)
    assert detect_drift(reference, sample(2, flag=1.0), ["flag"], SETTINGS).drifted == ()
    assert len(detect_drift(reference, sample(2, flag=0.0), ["flag"], SETTINGS).drifted) == 1


def test_feature_without_any_value_is_stable():
    reference, current = sample(1, empty=np.nan), sample(2, empty=np.nan)
    assert detect_drift(reference, current, ["empty"], SETTINGS).drifted == ()


def test_boolean_and_nullable_integer_features_are_compared():
    reference = sample(1, night=[True, False] * 2_000, n=pd.array([1, None] * 2_000, dtype="Int64"))
    current = sample(2, night=[True] * 4_000, n=pd.array([1, None] * 2_000, dtype="Int64"))
    report = detect_drift(reference, current, ["night", "n"], SETTINGS)
    assert [feature.feature for feature in report.drifted] == ["night"]


def test_long_frames_are_sampled_alike_each_time():
    settings = DriftSettings(max_rows=500)
    first = detect_drift(sample(1), sample(2), FEATURES, settings)
    assert (first.reference_rows, first.current_rows) == (500, 500)
    assert first == detect_drift(sample(1), sample(2), FEATURES, settings)
    other = detect_drift(sample(1), sample(2), FEATURES, DriftSettings(max_rows=500, seed=8))
    assert other != first


def test_empty_frame_is_refused_with_both_counts():
    with pytest.raises(InsufficientDataError, match="reference has 4000, the current frame 0"):
        detect_drift(sample(1), sample(2).head(0), FEATURES, SETTINGS)


@pytest.mark.parametrize("features", [["amount", "absent"], ["name"], []])
def test_features_that_are_no_numbers_are_refused(features):
    frame = sample(1, name="a")
    with pytest.raises(ConfigurationError, match=r"absent|name|no feature"):
        detect_drift(frame, frame, features, SETTINGS)


@pytest.fixture
def moved():
    reference, current = sample(1), sample(2)
    current["risk"] *= 3
    return detect_drift(reference, current, FEATURES, SETTINGS), reference, current


def test_frame_and_markdown_show_every_feature(moved):
    report, _, _ = moved
    assert report.to_frame().set_index("feature")["drifted"].to_dict() == {
        "amount": False,
        "count": False,
        "risk": True,
    }
    lines = report.to_markdown().splitlines()
    assert lines[0].startswith("1 of 3 features drifted")
    assert lines[4].startswith("| risk | YES |")
    assert len(lines) == 7


def test_psi_plot_has_a_bar_of_each_psi_and_the_threshold(moved):
    report, _, _ = moved
    axes = plot_psi(report).axes[0]
    bars = {
        label.get_text(): bar
        for label, bar in zip(axes.get_yticklabels(), axes.patches, strict=True)
    }
    assert {name: bar.get_width() for name, bar in bars.items()} == {
        feature.feature: feature.psi for feature in report.features
    }
    assert to_hex(bars["risk"].get_facecolor()) != to_hex(bars["amount"].get_facecolor())
    assert list(axes.lines[0].get_xdata()) == [SETTINGS.psi_threshold] * 2


def test_distribution_plot_shows_the_most_drifted_features(moved):
    report, reference, current = moved
    figure = plot_distributions(report, reference, current, panels=2)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[0] == f"risk: PSI {report.score:.3f}"
    assert len(titles) == 2
    areas = sum(bar.get_height() * bar.get_width() for bar in figure.axes[0].patches)
    assert areas == pytest.approx(2)


def test_distribution_plot_says_where_there_are_no_values():
    reference, current = sample(1, empty=np.nan), sample(2, empty=np.nan)
    report = detect_drift(reference, current, ["empty"], SETTINGS)
    figure = plot_distributions(report, reference, current, panels=1)
    assert figure.axes[0].texts[0].get_text() == "no values"
