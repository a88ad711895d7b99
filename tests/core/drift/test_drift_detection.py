"""Detection: planted shifts are found, stationary data is left alone, p values are corrected."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy.stats import false_discovery_control, norm

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.drift.detect import calibrate, detect_drift
from igniteflow_core.drift.page import drift_page
from igniteflow_core.drift.plots import plot_distributions, plot_psi
from igniteflow_core.errors import ConfigurationError, InsufficientDataError

SETTINGS = DriftSettings()
FIRST_DAY = date(2025, 1, 1)
DAYS = [FIRST_DAY + timedelta(days=n) for n in range(28)]


def sample(seed, rows=4_000, **columns):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "event_date": np.array(DAYS)[np.arange(rows) * len(DAYS) // rows],
            "customer_id": random.integers(800, size=rows).astype(str),
            "amount": random.gamma(2.0, 25.0, rows),
            "count": random.poisson(2.0, rows),
            "risk": random.beta(1.0, 20.0, rows),
        }
    )
    return frame.assign(**columns)


FEATURES = ["amount", "count", "risk"]


def drift(reference, current, features, settings=SETTINGS):
    columns = [WatchedColumn(name, "customer_id") for name in features]
    return detect_drift(
        calibrate(reference, columns, settings, data_from=FIRST_DAY), current, settings
    )


def test_identical_samples_do_not_drift():
    report = drift(sample(1), sample(1), FEATURES)
    assert report.drifted == ()
    assert report.score == 0.0
    assert [feature.p_adjusted for feature in report.features] == [1.0, 1.0, 1.0]


def test_samples_of_one_distribution_do_not_drift():
    for seed in range(2, 30):
        assert drift(sample(1), sample(seed), FEATURES).drifted == ()


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
        report = drift(reference, current, [*FEATURES, "moved"])
        assert [feature.feature for feature in report.drifted] == ["moved"]
        assert report.drifted[0].psi == pytest.approx(0.2, abs=0.06)
        assert report.drifted[0].wasserstein == pytest.approx(shift, abs=0.08)


def test_large_psi_of_few_rows_is_not_drift_while_the_test_disagrees():
    report = drift(sample(1), sample(2, rows=8), ["amount"])
    assert report.score > SETTINGS.psi_threshold
    assert report.drifted == ()


def test_significant_but_small_shift_is_not_drift():
    reference, current = sample(1, rows=50_000), sample(2, rows=50_000)
    current["amount"] *= 1.05
    feature = drift(reference, current, ["amount"]).features[0]
    assert feature.p_adjusted < 1e-6
    assert not feature.drifted


@pytest.mark.parametrize("size", ["psi", "wasserstein"])
def test_either_size_exactly_on_its_threshold_counts(size):
    reference, current = sample(1), sample(2)
    current["amount"] *= 2
    found = getattr(drift(reference, current, ["amount"]).features[0], size)

    def drifted(threshold):
        limits = {"psi_threshold": 99.0, "wasserstein_threshold": 99.0}
        settings = DriftSettings(**limits | {f"{size}_threshold": threshold})
        return bool(drift(reference, current, ["amount"], settings).drifted)

    assert drifted(found)
    assert not drifted(math.nextafter(found, 99))


def test_p_values_are_adjusted_as_benjamini_and_hochberg_do():
    current = sample(2).assign(count=sample(2)["count"] + (np.arange(4_000) % 25 == 0))
    features = drift(sample(1), current, FEATURES).features
    adjusted = false_discovery_control([feature.p_value for feature in features], method="bh")
    assert [feature.p_adjusted for feature in features] == pytest.approx(adjusted)
    assert all(feature.p_adjusted > feature.p_value for feature in features[:1])


def test_columns_that_have_not_warmed_up_are_named_and_not_judged():
    columns = [WatchedColumn("amount", "customer_id", 0), WatchedColumn("risk", "customer_id", 22)]
    report = detect_drift(
        calibrate(sample(1), columns, SETTINGS, data_from=FIRST_DAY), sample(2), SETTINGS
    )
    assert [feature.feature for feature in report.features] == ["amount"]
    assert report.not_warmed_up == ("risk",)
    assert "Too few reference days to test: risk." in report.summary()


def test_days_before_a_column_has_warmed_up_are_kept_out_of_its_reference():
    reference = sample(1)
    reference.loc[reference["event_date"] < DAYS[14], "risk"] = 0.0
    cold, warm = (WatchedColumn("risk", "customer_id", days) for days in (0, 14))
    scores = [
        detect_drift(
            calibrate(reference, [column], SETTINGS, data_from=FIRST_DAY), sample(2), SETTINGS
        ).score
        for column in (cold, warm)
    ]
    assert scores[0] > 0.3
    assert scores[1] < 0.05


def test_without_reference_rows_nothing_is_judged():
    report = drift(sample(1).head(0), sample(2), FEATURES)
    assert report.not_warmed_up == tuple(FEATURES)
    assert report.drifted == ()
    assert math.isnan(report.score)
    assert list(report.to_frame().columns)[:2] == ["feature", "psi"]


def weekly(seed, days, rows_a_day):
    """Amounts are five times as large on Saturdays and Sundays."""
    random = np.random.default_rng(seed)
    day = np.repeat(days, rows_a_day)
    weekend = np.array([each.weekday() >= 5 for each in day])
    return pd.DataFrame(
        {
            "event_date": day,
            "customer_id": random.integers(800, size=day.size).astype(str),
            "amount": random.gamma(4.0, 10.0, day.size) * np.where(weekend, 5, 1),
        }
    )


def test_a_weekend_is_compared_with_the_weekends_of_the_reference():
    weekend = [day + timedelta(days=28) for day in DAYS if day.weekday() >= 5][:2]
    report = drift(weekly(1, DAYS, 200), weekly(2, weekend, 500), ["amount"])
    assert report.weekdays_matched
    assert report.drifted == ()
    assert report.score < 0.05
    cheap = weekly(2, weekend, 500)
    cheap["amount"] /= 5
    assert len(drift(weekly(1, DAYS, 200), cheap, ["amount"]).drifted) == 1


def test_a_weekday_that_the_reference_lacks_is_said():
    workdays = [day for day in DAYS if day.weekday() < 5]
    report = drift(weekly(1, workdays, 200), weekly(2, DAYS, 100), ["amount"])
    assert not report.weekdays_matched
    assert "was not weighted by weekday" in report.summary()


def test_appearing_gaps_are_drift():
    current = sample(2)
    current.loc[current.index[:1_200], "amount"] = np.nan
    report = drift(sample(1), current, FEATURES)
    assert [feature.feature for feature in report.drifted] == ["amount"]


def test_constant_feature_is_stable_and_its_change_is_found():
    reference = sample(1, flag=1.0)
    assert drift(reference, sample(2, flag=1.0), ["flag"]).drifted == ()
    assert len(drift(reference, sample(2, flag=0.0), ["flag"]).drifted) == 1


def test_feature_without_any_value_is_stable():
    reference, current = sample(1, empty=np.nan), sample(2, empty=np.nan)
    assert drift(reference, current, ["empty"]).drifted == ()


def test_boolean_and_nullable_integer_features_are_compared():
    reference = sample(1, night=[True, False] * 2_000, n=pd.array([1, None] * 2_000, dtype="Int64"))
    current = sample(2, night=[True] * 4_000, n=pd.array([1, None] * 2_000, dtype="Int64"))
    report = drift(reference, current, ["night", "n"])
    assert [feature.feature for feature in report.drifted] == ["night"]


def test_empty_current_window_is_refused():
    with pytest.raises(InsufficientDataError, match="there are none"):
        drift(sample(1), sample(2).head(0), FEATURES)


@pytest.mark.parametrize("features", [["amount", "absent"], ["name"], []])
def test_features_that_are_no_numbers_are_refused(features):
    frame = sample(1, name="a")
    with pytest.raises(ConfigurationError, match=r"absent|name|no column"):
        drift(frame, frame, features)


@pytest.fixture
def moved():
    reference, current = sample(1), sample(2)
    current["risk"] *= 3
    return drift(reference, current, FEATURES), reference, current


def test_frame_and_markdown_show_every_feature(moved):
    report, _, _ = moved
    assert report.to_frame().set_index("feature")["drifted"].to_dict() == {
        "amount": False,
        "count": False,
        "risk": True,
    }
    lines = report.to_markdown().splitlines()
    assert lines[0].startswith("1 of 3 columns drifted")
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


def test_psi_plot_marks_the_limits_that_lie_above_the_threshold():
    few = drift(sample(1, rows=300), sample(2), FEATURES)
    marks = plot_psi(few).axes[0].collections[0].get_offsets()[:, 0]
    limits = [each.psi_limit for each in few.features if each.psi_limit > 0.1]
    assert sorted(marks) == pytest.approx(sorted(limits))
    assert limits


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
    report = drift(reference, current, ["empty"])
    figure = plot_distributions(report, reference, current, panels=1)
    assert figure.axes[0].texts[0].get_text() == "no values"


def test_page_needs_nothing_else_and_shows_every_column_and_plot(moved):
    report, _, _ = moved
    page = drift_page("Drift <of today>", report, {"current days": "7"}, {"psi": plot_psi(report)})
    assert "<h1>Drift &lt;of today&gt;</h1>" in page
    assert all(f"<td>{feature}</td>" in page for feature in FEATURES)
    assert page.count('<tr class="drifted">') == 1
    assert '<img src="data:image/png;base64,iVBOR' in page
    assert "http" not in page
