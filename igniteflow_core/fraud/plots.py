"""Figures of a model comparison, drawn without pyplot and therefore without global state."""

from typing import TypedDict

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve

from igniteflow_core.fraud.comparison import ENSEMBLE, ModelComparison
from igniteflow_core.fraud.prequential import PrequentialEvaluation
from igniteflow_core.fraud.threshold import cost_curve

_FRAUD, _LEGITIMATE, _REFERENCE = "#c1121f", "#457b9d", "#6c757d"
_CALIBRATION_BINS = 10


class _LineStyle(TypedDict):
    linewidth: float
    zorder: float


def precision_recall_figure(comparison: ModelComparison) -> Figure:
    """Precision against recall of every model; the legend gives the average precision."""
    figure, axes = _figure("Precision and recall of each model", "Recall", "Precision")
    labels = comparison.transactions.labels
    for model, scores in comparison.scores.items():
        precision, recall, _ = precision_recall_curve(labels, scores)
        axes.step(
            recall,
            precision,
            where="post",
            **_style(model),
            label=f"{_title(model)} ({comparison.evaluations[model].average_precision:.3f})",
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(title="Average precision")
    return figure


def precision_at_k_figure(comparison: ModelComparison) -> Figure:
    """The share of frauds among the k highest-scored transactions of the window."""
    figure, axes = _figure(
        "How many of the highest scores are fraud", "Highest-scored transactions", "Share of frauds"
    )
    frauds = int(comparison.transactions.labels.sum())
    k = np.arange(1, min(3 * frauds, len(comparison.transactions.labels)) + 1)
    for model, scores in comparison.scores.items():
        hits = np.cumsum(_ranked_labels(comparison, scores))[: len(k)]
        axes.plot(k, hits / k, **_style(model), label=_title(model))
    axes.axvline(frauds, color=_REFERENCE, linestyle=":", label=f"All {frauds:,} frauds")
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()
    return figure


def score_histogram_figure(comparison: ModelComparison) -> Figure:
    """The ensemble's scores of frauds and of legitimate transactions, counts on a log scale."""
    figure, axes = _figure(
        "Ensemble scores by class", "Probability of fraud", "Transactions (log scale)"
    )
    scores, labels = comparison.scores[ENSEMBLE], comparison.transactions.labels
    bins = np.linspace(0, 1, 41)
    for label, name, colour in ((0, "Legitimate", _LEGITIMATE), (1, "Fraud", _FRAUD)):
        axes.hist(scores[labels == label], bins=bins.tolist(), alpha=0.6, color=colour, label=name)
    _mark_threshold(axes, comparison.threshold)
    axes.set_yscale("log")
    axes.legend()
    return figure


def gain_figure(comparison: ModelComparison) -> Figure:
    """The share of frauds found by checking the highest-scored share of transactions."""
    figure, axes = _figure(
        "Frauds found by checking the highest scores first",
        "Share of transactions checked (log scale)",
        "Share of frauds found",
    )
    rows, frauds = len(comparison.transactions.labels), comparison.transactions.labels.sum()
    checked = np.arange(1, rows + 1) / rows
    for model, scores in comparison.scores.items():
        found = np.cumsum(_ranked_labels(comparison, scores)) / frauds
        axes.plot(checked, found, **_style(model), label=_title(model))
    axes.plot(checked, checked, color=_REFERENCE, linestyle=":", label="At random")
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()
    return figure


def calibration_figure(comparison: ModelComparison) -> Figure:
    """The share of frauds against the mean probability, over ten bins of equal width."""
    figure, axes = _figure(
        "Calibration of the probabilities", "Mean probability of the bin", "Share of frauds"
    )
    for model, scores in comparison.scores.items():
        observed, predicted = calibration_curve(
            comparison.transactions.labels, scores, n_bins=_CALIBRATION_BINS
        )
        axes.plot(
            predicted,
            observed,
            marker="o",
            **_style(model),
            label=f"{_title(model)} (Brier {comparison.evaluations[model].brier:.4f})",
        )
    axes.plot([0, 1], [0, 1], color=_REFERENCE, linestyle=":", label="Exact")
    axes.legend()
    return figure


def cost_figure(comparison: ModelComparison, alert_cost: float) -> Figure:
    """The ensemble's cost at every threshold.

    Args:
        comparison: the models on the test rows.
        alert_cost: cost of checking one alert, in the currency of the amounts.
    """
    figure, axes = _figure(
        f"Cost by threshold, at {alert_cost:g} per alert",
        "Threshold",
        "Missed amounts and alerts (log scale)",
    )
    transactions = comparison.transactions
    thresholds, costs = cost_curve(
        comparison.scores[ENSEMBLE], transactions.labels, transactions.amounts, alert_cost
    )
    axes.step(thresholds, costs, where="post", color=_LEGITIMATE, label="Ensemble")
    axes.axhline(costs[0], color=_REFERENCE, linestyle=":", label="No alerts at all")
    _mark_threshold(axes, comparison.threshold)
    axes.set_yscale("log")
    axes.legend()
    return figure


def prequential_figure(evaluation: PrequentialEvaluation) -> Figure:
    """The average precision of every model on each fold's test days."""
    figure, axes = _figure(
        "Average precision on the days after each training", "First test day", "Average precision"
    )
    by_fold = evaluation.by_fold()
    days = [str(day) for day in by_fold["first_day"]]
    for model in evaluation.models:
        mean = by_fold[model].mean()
        axes.plot(
            days, by_fold[model], marker="o", **_style(model), label=f"{_title(model)} ({mean:.3f})"
        )
    axes.set_ylim(0, 1.02)
    axes.legend(title="Mean")
    return figure


def performance_figure(days: pd.DataFrame) -> Figure:
    """Money caught and missed, and precision and recall, day by day.

    Args:
        days: table of ``performance.daily_performance``.
    """
    figure = Figure(figsize=(9, 6), layout="constrained")
    money, quality = figure.subplots(2, 1, sharex=True)
    money.bar(days["event_date"], days["caught_amount"], color=_LEGITIMATE, label="Caught")
    money.bar(
        days["event_date"],
        days["missed_amount"],
        bottom=days["caught_amount"],
        color=_FRAUD,
        label="Missed",
    )
    money.set_ylabel("Amount of fraud")
    money.legend()
    for name, color in (("precision", _LEGITIMATE), ("recall", _FRAUD)):
        quality.plot(days["event_date"], days[name], marker="o", color=color, label=name.title())
    quality.set_ylim(0, 1.02)
    quality.yaxis.set_major_formatter(PercentFormatter(1))
    quality.set_ylabel("Alerts of the day")
    quality.legend()
    figure.autofmt_xdate()
    return figure


def _figure(title: str, x_label: str, y_label: str) -> tuple[Figure, Axes]:
    """One empty chart, 700 by 450 pixels at 100 dots per inch."""
    figure = Figure(figsize=(7, 4.5), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    return figure, axes


def _style(model: str) -> _LineStyle:
    """The style of a model's line; that of the ensemble is thick and on top."""
    on_top = model == ENSEMBLE
    return {"linewidth": 2.5 if on_top else 1.2, "zorder": 3 if on_top else 2}


def _mark_threshold(axes: Axes, threshold: float) -> None:
    axes.axvline(
        threshold, color="black", linestyle="--", linewidth=1, label=f"Threshold {threshold:.3f}"
    )


def _ranked_labels(comparison: ModelComparison, scores: np.ndarray) -> np.ndarray:
    return comparison.transactions.labels[np.argsort(-scores, kind="stable")]


def _title(model: str) -> str:
    return model.replace("_", " ").capitalize().replace("xgboost", "XGBoost").replace("Xgb", "XGB")
