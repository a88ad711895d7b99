"""Detailed evaluations: new users, new items, segments, rules, low ratings."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.blend_weights import cut_histories
from igniteflow_core.recommendations.evaluation import (
    ModelEvaluation,
    OnlyItems,
    bootstrap_interval,
    groups_table,
)
from igniteflow_core.recommendations.holdout import HYBRID, Holdout, models_of
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import history_sizes
from igniteflow_core.recommendations.new_items import (
    draw_hidden_items,
    without_items,
    without_likes,
)
from igniteflow_core.recommendations.rules import ShopRules

KNOWN_LIKES = (0, 1, 5, 10)
"""The numbers of likes to which the histories of users are cut."""

MOST_USERS = 1_000
"""Maximum number of users for whom a view ranks lists again."""

MOST_SEGMENTS = 10
NO_SEGMENT = "no segment"


def new_user_table(
    recommender: HybridRecommender, holdout: Holdout, k: int, seed: int
) -> pd.DataFrame:
    """The nDCG for users with few known likes, in the columns of ``segment_table``.

    Histories of the users with more likes than any of ``KNOWN_LIKES`` are cut at random, and the
    same held-out likes are ranked each time. The models were trained with the removed likes, but
    information on single users is only in the histories.

    Returns:
        An empty table if no user has that many likes.
    """
    few = some_users(holdout, history_sizes(holdout.train) > max(KNOWN_LIKES), seed)
    if not few.relevant.nnz:
        return groups_table({}, np.empty(0, dtype=np.int64), [], seed)
    order = np.random.default_rng(seed).random(holdout.train.nnz)
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    tables = []
    for likes in KNOWN_LIKES:
        cut = replace(few, train=cut_histories(few.train, likes, order))
        evaluations = {
            name: cut.evaluate(model, k, segments) for name, model in models_of(recommender).items()
        }
        alike = np.zeros(len(evaluations[HYBRID].hit), dtype=np.int64)
        tables.append(groups_table(evaluations, alike, [f"{likes} likes"], seed))
    return pd.concat(tables, ignore_index=True)


def evaluate_hidden_items(
    recommender: HybridRecommender, holdout: Holdout, k: int, placement_l2: float, seed: int
) -> dict[str, ModelEvaluation]:
    """Rank a tenth of the liked items among themselves as if they had no likes.

    The trained parameters of the other items stay as they are, including the effect of those likes.

    Returns:
        An empty result if no item has content, or no like of these items is held out.
    """
    hidden = draw_hidden_items(recommender.members, np.random.default_rng(seed))
    likes = sparse.csr_array(holdout.relevant @ sparse.diags_array(hidden.astype(np.float32)))
    likes.eliminate_zeros()
    few = some_users(replace(holdout, relevant=likes), history_sizes(likes) > 0, seed)
    if not few.relevant.nnz:
        return {}
    known = without_likes(holdout.train, hidden)
    members = without_items(recommender.members, hidden, known, placement_l2)
    unaware = replace(recommender, members=members)
    cold = replace(few, train=known)
    segments = members.popularity.segment_positions(holdout.segments)
    return {
        name: cold.evaluate(OnlyItems(model, hidden), k, segments)
        for name, model in models_of(unaware).items()
    }


def user_segment_table(
    evaluations: Mapping[str, ModelEvaluation], holdout: Holdout, seed: int
) -> pd.DataFrame:
    """The nDCG of the largest user segments, in the columns of ``segment_table``."""
    of_evaluated = holdout.segments[history_sizes(holdout.relevant) > 0]
    names = pd.Series(of_evaluated, dtype=object).fillna(NO_SEGMENT)
    largest = names.value_counts(sort=True).index[:MOST_SEGMENTS].tolist()
    group = names.map({name: at for at, name in enumerate(largest)}).fillna(-1)
    return groups_table(evaluations, group.to_numpy(dtype=np.int64), largest, seed)


def rule_costs(
    recommender: HybridRecommender,
    holdout: Holdout,
    k: int,
    rules: Mapping[str, ShopRules],
    seed: int,
) -> pd.DataFrame:
    """The loss of nDCG by rules: a held-out like that may not be shown is never a hit.

    Args:
        recommender: recommender that ranks the lists.
        holdout: holdout on its catalogue.
        k: length of the lists.
        rules: rules by name.
        seed: seed of the intervals.

    Returns:
        ``rules``, ``ndcg`` with them, ``cost`` (nDCG without minus with them, user by user) with
        ``cost_low`` and ``cost_high``, and ``items`` that may be shown.
    """
    few = some_users(holdout, history_sizes(holdout.relevant) > 0, seed)
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    free = few.evaluate(recommender, k, segments).user_metrics["ndcg"]
    rows = []
    for name, each in rules.items():
        bound = few.evaluate(recommender, k, segments, each).user_metrics["ndcg"]
        cost = bootstrap_interval(free - bound, seed)
        rows.append(
            {
                "rules": name,
                "ndcg": float(bound.mean()),
                "cost": cost.mean,
                "cost_low": cost.low,
                "cost_high": cost.high,
                "items": int(each.allowed.sum()),
            }
        )
    return pd.DataFrame(rows)


def low_rated_share(
    recommender: HybridRecommender, holdout: Holdout, k: int, seed: int
) -> float | None:
    """The share of disliked items in the lists, if seen items are not excluded.

    No model is trained on low ratings, but a good model lists few of them. The result is None if
    the users have only seen items that they like.
    """
    disliked = _without_cells(holdout.seen, holdout.train)
    unhidden = replace(holdout, seen=holdout.train, relevant=disliked)
    few = some_users(unhidden, history_sizes(disliked) > 0, seed)
    if not few.relevant.nnz:
        return None
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    return float(few.evaluate(recommender, k, segments).user_metrics["precision"].mean())


def some_users(holdout: Holdout, chosen: NDArray[np.bool_], seed: int) -> Holdout:
    """The holdout with the relevant items of at most ``MOST_USERS`` of the chosen (users,)."""
    possible = np.flatnonzero(chosen & (history_sizes(holdout.relevant) > 0))
    drawn = np.random.default_rng(seed).permutation(possible)[:MOST_USERS]
    kept = np.zeros(len(chosen), dtype=np.float32)
    kept[drawn] = 1.0
    relevant = sparse.csr_array(sparse.diags_array(kept) @ holdout.relevant)
    relevant.eliminate_zeros()
    return replace(holdout, relevant=relevant)


def _without_cells(cells: sparse.csr_array, others: sparse.csr_array) -> sparse.csr_array:
    """The cells that are stored in one matrix and not in another of the same shape."""
    rows: NDArray[np.int64] = np.repeat(np.arange(cells.shape[0]), history_sizes(cells))
    other_rows = np.repeat(np.arange(others.shape[0]), history_sizes(others))
    width = cells.shape[1]
    left = ~np.isin(rows * width + cells.indices, other_rows * width + others.indices)
    return sparse.csr_array(
        (cells.data[left], (rows[left], cells.indices[left])), shape=cells.shape
    )
