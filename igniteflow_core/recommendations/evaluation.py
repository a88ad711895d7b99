"""Evaluation on held-out likes: a table of metrics with intervals, and segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.intervals import Interval
from igniteflow_core.recommendations import metrics
from igniteflow_core.recommendations.matrix import Segments, history_sizes, user_blocks
from igniteflow_core.recommendations.ranking import hide_seen
from igniteflow_core.recommendations.rules import ShopRules, best_items

RESAMPLES = 1_000
CONFIDENCE = 0.95
USER_METRICS = ("ndcg", "map", "precision", "recall")
ACTIVITY_EDGES = (1, 10, 30, 100)
NO_LIKES = "no likes"


class Scorer(Protocol):
    """A model that scores histories: a member, a baseline or the hybrid."""

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, NaN where there is none."""
        ...


@dataclass(frozen=True)
class ModelEvaluation:
    """The results of one model on one holdout, for the users with at least one held-out like.

    Attributes:
        hit: (users, k) 1 where the item at that rank is a held-out like.
        relevant_counts: (users,) number of held-out likes.
        history_sizes: (users,) number of training likes.
        user_metrics: (users,) values at k of each of ``USER_METRICS``.
        listed: (items,) number of these users that an item is recommended to.
        coverage: share of the catalogue that is recommended to at least one user.
        novelty: mean self-information in bits.
        diversity: mean intra-list diversity.
    """

    hit: NDArray[np.float64]
    relevant_counts: NDArray[np.int64]
    history_sizes: NDArray[np.int64]
    user_metrics: dict[str, NDArray[np.float64]]
    listed: NDArray[np.int64]
    coverage: float
    novelty: float
    diversity: float


def evaluate(
    model: Scorer,
    histories: sparse.csr_array,
    seen: sparse.csr_array,
    relevant: sparse.csr_array,
    k: int,
    *,
    vectors: NDArray[np.float32],
    segments: Segments = None,
    rules: ShopRules | None = None,
) -> ModelEvaluation:
    """Rank the catalogue without the seen items for every user who has held-out likes.

    Args:
        model: model that scores.
        histories: (users, items) training likes.
        seen: (users, items) matrix whose stored cells are not ranked.
        relevant: (users, items) held-out likes.
        k: the length of the lists.
        vectors: (items, dimensions) content of the items, by which diversity is measured.
        segments: segments of the users.
        rules: rules for the listed items; None to allow the whole catalogue.

    Raises:
        InsufficientDataError: no user has a held-out like.
    """
    evaluated = np.flatnonzero(history_sizes(relevant) > 0)
    if not len(evaluated):
        raise InsufficientDataError(
            "no user has a held-out interaction",
            where="holdout",
            fix="deliver more ratings, or raise recommendations.holdout_share",
        )
    likes, hidden, goal = histories[evaluated], seen[evaluated], relevant[evaluated]
    of_evaluated = None if segments is None else segments[evaluated]
    lists = []
    for rows in user_blocks(likes):
        scores = model.score(likes[rows], None if of_evaluated is None else of_evaluated[rows])
        lists.append(best_items(hide_seen(scores, hidden[rows]), k, rules))
    ranked = np.concatenate(lists)
    hit, counts = metrics.hits(ranked, goal), history_sizes(goal)
    items = histories.shape[1]
    item_users = np.bincount(histories.indices, minlength=items)
    return ModelEvaluation(
        hit=hit,
        relevant_counts=counts,
        history_sizes=history_sizes(likes),
        user_metrics={
            "ndcg": metrics.ndcg(hit, counts),
            "map": metrics.average_precision(hit, counts),
            "precision": metrics.precision(hit),
            "recall": metrics.recall(hit, counts),
        },
        listed=np.bincount(ranked[ranked >= 0], minlength=items).astype(np.int64),
        coverage=metrics.catalogue_coverage(ranked, items),
        novelty=_mean(metrics.novelty(ranked, item_users, histories.shape[0])),
        diversity=_mean(metrics.diversity(ranked, vectors)),
    )


def _mean(values: NDArray[np.float64]) -> float:
    """The mean over the users who have a value; NaN if there is none."""
    found = values[~np.isnan(values)]
    return float(found.mean()) if len(found) else float("nan")


@dataclass(frozen=True)
class OnlyItems:
    """A model that ranks only some items, such as those without likes.

    Attributes:
        model: model that scores.
        chosen: (items,) True for items that are ranked.
    """

    model: Scorer
    chosen: NDArray[np.bool_]

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) the model's scores, NaN for the other items."""
        scores = self.model.score(histories, segments)
        scores[:, ~self.chosen] = np.nan
        return scores


def bootstrap_interval(values: NDArray[np.float64], seed: int) -> Interval:
    """The mean over users and its 95 % percentile interval from 1,000 resamples of the users
    (Efron, 1979). For the difference of two models pass their per-user differences.
    """
    rng = np.random.default_rng(seed)
    users = len(values)
    draws = (rng.integers(0, users, users) for _ in range(RESAMPLES))
    means = np.fromiter((values[draw].mean() for draw in draws), np.float64, RESAMPLES)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def comparison_table(evaluations: Mapping[str, ModelEvaluation], seed: int) -> pd.DataFrame:
    """One row per model, best nDCG first.

    Columns: ``model``; for each of ``USER_METRICS`` its mean, ``<metric>_low`` and
    ``<metric>_high``; ``coverage``, ``novelty``, ``diversity`` and ``users``.
    """
    rows: list[dict[str, str | float | int]] = []
    for name, evaluation in evaluations.items():
        row: dict[str, str | float | int] = {"model": name}
        for metric in USER_METRICS:
            interval = bootstrap_interval(evaluation.user_metrics[metric], seed)
            row |= {
                metric: interval.mean,
                f"{metric}_low": interval.low,
                f"{metric}_high": interval.high,
            }
        rows.append(
            row
            | {
                "coverage": evaluation.coverage,
                "novelty": evaluation.novelty,
                "diversity": evaluation.diversity,
                "users": len(evaluation.hit),
            }
        )
    return pd.DataFrame(rows).sort_values("ndcg", ascending=False, ignore_index=True)


def segment_table(evaluations: Mapping[str, ModelEvaluation], seed: int) -> pd.DataFrame:
    """nDCG by the number of training likes: "no likes" for cold users, else such as "10-29 likes".

    Columns as ``groups_table`` has them.
    """
    labels = [
        NO_LIKES,
        *(f"{low}-{high - 1} likes" for low, high in pairwise(ACTIVITY_EDGES)),
        f"{ACTIVITY_EDGES[-1]}+ likes",
    ]
    sizes = next(iter(evaluations.values())).history_sizes
    return groups_table(evaluations, np.digitize(sizes, ACTIVITY_EDGES), labels, seed)


def groups_table(
    evaluations: Mapping[str, ModelEvaluation],
    group: NDArray[np.int64],
    labels: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """The nDCG of groups of users: one row per model and non-empty group.

    Args:
        evaluations: evaluations of the same users.
        group: (users,) position of each user's label, -1 for users who are left out.
        labels: labels of the groups.
        seed: seed of the intervals.

    Returns:
        ``model``, ``segment`` (the label), ``ndcg``, ``ndcg_low``, ``ndcg_high``, ``users``.
    """
    rows: list[dict[str, str | float | int]] = []
    for name, evaluation in evaluations.items():
        for number, label in enumerate(labels):
            values = evaluation.user_metrics["ndcg"][group == number]
            if len(values):
                interval = bootstrap_interval(values, seed)
                rows.append(
                    {
                        "model": name,
                        "segment": label,
                        "ndcg": interval.mean,
                        "ndcg_low": interval.low,
                        "ndcg_high": interval.high,
                        "users": len(values),
                    }
                )
    columns = ["model", "segment", "ndcg", "ndcg_low", "ndcg_high", "users"]
    return pd.DataFrame(rows, columns=columns)
