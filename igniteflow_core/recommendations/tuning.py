"""Search for better settings of ALS, the item-item model and popularity."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.evaluation import evaluate
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import history_sizes, sorted_ids
from igniteflow_core.recommendations.training import NestedPart, nested_part
from igniteflow_core.settings_search import Range, SearchResult, Trial, search

RANGES = {
    "als.rank": Range(8, 96, whole=True, log=True),
    "als.reg_param": Range(0.02, 0.8, log=True),
    "als.alpha": Range(0.1, 10, log=True),
    "item_item.l2": Range(10, 5_000, log=True),
    "popularity.half_life_days": Range(7, 3_650, log=True),
}

JUDGED_USERS = 3_000
"""Maximum number of users on whose held-out likes a trial is evaluated."""


def search_settings(
    interactions: DataFrame,
    users: DataFrame,
    item_ids: NDArray[np.str_],
    content: ContentModel,
    settings: RecommendationSettings,
    on_trial: Callable[[Trial], None],
) -> SearchResult:
    """Search the settings with which the hybrid ranks a nested split best, within the budget.

    The blend is evaluated instead of the members: a member that ranks worse alone may complement
    the others better. The score of a trial is its nDCG minus one standard error of its gain per
    user over the initial settings, so that the initial settings are not replaced without a
    significant gain. The shares are learned on the same split, and a trial costs about as much as a
    training.

    Args:
        interactions: the training part of INTERACTIONS, cached; the holdout must not be in it.
        users: the USERS table.
        item_ids: (items,) the catalogue.
        content: content model of the same catalogue.
        settings: initial settings, with the budget.
        on_trial: called with each trial when it is done.

    Raises:
        InsufficientDataError: no user has enough interactions to hold one out.
    """
    user_ids = sorted_ids(interactions.select("user_id").distinct().toArrow()["user_id"])
    with nested_part(interactions, users, user_ids, item_ids, content, settings) as part:
        evaluated = _evaluated_users(part, settings.seed)

        def ndcg(candidate: RecommendationSettings) -> NDArray[np.float64]:
            members = part.fit(candidate)
            recommender = HybridRecommender(item_ids, members, part.learn(members, candidate))
            likes = part.train.weights[evaluated]
            found = evaluate(
                recommender,
                likes,
                likes,
                part.targets[evaluated],
                candidate.top_n,
                vectors=content.vectors,
                segments=members.popularity.segment_positions(part.segments[evaluated]),
            )
            return found.user_metrics["ndcg"]

        before: list[NDArray[np.float64]] = []

        def measure(candidate: RecommendationSettings) -> float:
            values = ndcg(candidate)
            if not before:  # the first trial uses the initial settings
                before.append(values)
            gain = values - before[0]
            return float(values.mean() - gain.std() / np.sqrt(len(gain)))

        return search(settings, RANGES, measure, settings.search, settings.seed, on_trial)


def _evaluated_users(part: NestedPart, seed: int) -> NDArray[np.int64]:
    """Rows (evaluated,) of a sample of the users with held-out likes."""
    usable = np.flatnonzero(history_sizes(part.targets) > 0)
    return np.sort(np.random.default_rng(seed).permutation(usable)[:JUDGED_USERS])
