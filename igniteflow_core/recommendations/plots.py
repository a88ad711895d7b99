"""Figures of an evaluation; they are returned, never shown or saved."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from igniteflow_core.recommendations.evaluation import ModelEvaluation


def plot_ndcg(table: pd.DataFrame, k: int) -> Figure:
    """nDCG@k of each model with its 95 % interval, from ``comparison_table``."""
    figure = Figure(figsize=(7, 0.5 * len(table) + 1.2), layout="constrained")
    axes = figure.subplots()
    models = table.sort_values("ndcg")
    mean = models["ndcg"].to_numpy()
    error = np.stack([mean - models["ndcg_low"], models["ndcg_high"] - mean])
    axes.errorbar(mean, models["model"], xerr=error, fmt="o", capsize=4)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"nDCG@{k}, mean over users and 95 % interval")
    axes.grid(axis="x", alpha=0.3)
    return figure


def plot_precision_recall(evaluations: Mapping[str, ModelEvaluation]) -> Figure:
    """Mean precision and recall of each model at every length of the list up to k."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, evaluation in evaluations.items():
        found = np.cumsum(evaluation.hit, axis=1)
        lengths = np.arange(1, evaluation.hit.shape[1] + 1)
        left.plot(lengths, (found / lengths).mean(axis=0), marker=".", label=name)
        share = found / evaluation.relevant_counts[:, None]
        right.plot(lengths, share.mean(axis=0), marker=".", label=name)
    left.set(xlabel="k, length of the list", ylabel="precision@k", ylim=(0, None))
    right.set(xlabel="k, length of the list", ylabel="recall@k", ylim=(0, None))
    left.legend()
    return figure


def plot_segments(table: pd.DataFrame, k: int) -> Figure:
    """nDCG@k of each model in each group of users, from ``groups_table``."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    names = list(dict.fromkeys(table["segment"]))
    for number, (model, rows) in enumerate(table.groupby("model", sort=False)):
        place = [names.index(segment) + 0.08 * number for segment in rows["segment"]]
        error = np.stack([rows["ndcg"] - rows["ndcg_low"], rows["ndcg_high"] - rows["ndcg"]])
        axes.errorbar(place, rows["ndcg"], yerr=error, fmt="o", capsize=3, label=str(model))
    axes.set_xticks(range(len(names)), names)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(f"nDCG@{k}, mean over users and 95 % interval")
    axes.legend()
    return figure


def plot_rule_costs(table: pd.DataFrame, k: int) -> Figure:
    """What rules cost in nDCG@k, with its 95 % interval, from ``rule_costs``."""
    figure = Figure(figsize=(7, 0.5 * len(table) + 1.2), layout="constrained")
    axes = figure.subplots()
    rules = table[::-1]
    error = np.stack([rules["cost"] - rules["cost_low"], rules["cost_high"] - rules["cost"]])
    axes.errorbar(rules["cost"], rules["rules"], xerr=error, fmt="o", capsize=4)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_xlabel(f"nDCG@{k} lost by the rules, mean over users and 95 % interval")
    axes.grid(axis="x", alpha=0.3)
    return figure


def plot_long_tail(
    item_users: NDArray[np.int64], evaluations: Mapping[str, ModelEvaluation]
) -> Figure:
    """The distribution of recommendations over the catalogue, most liked items first.

    Args:
        item_users: (items,) training users who like each item.
        evaluations: evaluations of models on the same catalogue.
    """
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    order = np.argsort(-item_users, kind="stable")
    catalogue = np.arange(1, len(order) + 1) / len(order)
    axes.plot(
        catalogue,
        np.cumsum(item_users[order]) / item_users.sum(),
        color="black",
        linestyle="--",
        label="training likes",
    )
    for name, evaluation in evaluations.items():
        listed = evaluation.listed[order]
        label = f"{name} (coverage {evaluation.coverage:.0%})"
        axes.plot(catalogue, np.cumsum(listed) / listed.sum(), label=label)
    axes.set(
        xlabel="share of the catalogue, most liked items first",
        ylabel="share of likes or recommendations",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    axes.legend(loc="lower right")
    return figure
