"""The figures draw the data they claim to draw."""

import numpy as np
import pytest

from igniteflow_core.fraud import plots
from igniteflow_core.fraud.metrics import alert_cost

FIGURES = {
    "precision_recall": plots.precision_recall_figure,
    "precision_at_k": plots.precision_at_k_figure,
    "score_histogram": plots.score_histogram_figure,
    "gain": plots.gain_figure,
    "calibration": plots.calibration_figure,
    "cost": lambda comparison: plots.cost_figure(comparison, alert_cost=10.0),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_title_labels_and_legend_and_renders_at_700_pixels(comparison, name, tmp_path):
    figure = FIGURES[name](comparison)
    (axes,) = figure.axes
    figure.savefig(tmp_path / f"{name}.png")

    assert axes.get_title()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert axes.get_legend() is not None
    assert (figure.get_size_inches() * figure.dpi).tolist() == [700, 450]
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def _line(figure, label):
    (line,) = [one for one in figure.axes[0].lines if one.get_label().startswith(label)]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_area_under_the_drawn_recall_curve_is_the_average_precision(comparison):
    for model, label in (("ensemble", "Ensemble"), ("xgboost", "XGBoost")):
        recall, precision = _line(plots.precision_recall_figure(comparison), label)
        area = -(np.diff(recall) * precision[:-1]).sum()

        assert area == pytest.approx(comparison.evaluations[model].average_precision)


def test_precision_at_k_of_all_frauds_is_drawn(comparison):
    frauds = int(comparison.transactions.labels.sum())
    k, precision = _line(plots.precision_at_k_figure(comparison), "Ensemble")
    top = np.argsort(-comparison.scores["ensemble"], kind="stable")[:frauds]

    assert k[frauds - 1] == frauds
    assert precision[frauds - 1] == pytest.approx(comparison.transactions.labels[top].mean())


def test_histogram_holds_every_transaction(comparison):
    (axes,) = plots.score_histogram_figure(comparison).axes
    legitimate, fraud = (sum(bar.get_height() for bar in bars) for bars in axes.containers)

    assert (legitimate, fraud) == tuple(np.bincount(comparison.transactions.labels))
    assert axes.get_yscale() == "log"


def test_gain_ends_with_all_frauds_found(comparison):
    checked, found = _line(plots.gain_figure(comparison), "Random forest")

    assert (checked[-1], found[-1]) == (1, 1)
    assert (np.diff(found) >= 0).all()


def test_calibration_points_are_shares_of_frauds(comparison):
    predicted, observed = _line(plots.calibration_figure(comparison), "Ensemble")
    scores, labels = comparison.scores["ensemble"], comparison.transactions.labels
    first = scores < 0.1

    assert predicted[0] == pytest.approx(scores[first].mean())
    assert observed[0] == pytest.approx(labels[first].mean())


def test_cost_curve_passes_through_the_cost_at_its_thresholds(comparison):
    transactions = comparison.transactions
    thresholds, costs = _line(plots.cost_figure(comparison, alert_cost=10.0), "Ensemble")
    for point in (0, 100, len(thresholds) - 1):
        is_alert = comparison.scores["ensemble"] >= thresholds[point]

        assert costs[point] == pytest.approx(
            alert_cost(is_alert, transactions.labels, transactions.amounts, 10.0)
        )
