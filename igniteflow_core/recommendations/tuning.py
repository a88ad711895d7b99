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
"""Users, at most, by whose held-out likes a trial is judged."""


def search_settings(
    interactions: DataFrame,
    users: DataFrame,
    item_ids: NDArray[np.str_],
    content: ContentModel,
    settings: RecommendationSettings,
    on_trial: Callable[[Trial], None],
) -> SearchResult:
    """The settings by which the hybrid ranks a nested split best, of those that the budget finds.

    What is judged is the blend and not the members: a member that ranks worse alone may be of more
    help to the others. A trial's score is its nDCG less one standard error of what it gains on the
    settings before, user by user, so that what these users cannot tell from those settings does not
    replace them. The split is the one on which the shares are learned, and a trial costs about what
    a training does.

    Args:
        interactions: the training part of INTERACTIONS, cached; the holdout must not be in it.
        users: the USERS table.
        item_ids: (items,) the catalogue.
        content: of the same catalogue.
        settings: to start from, with the budget.
        on_trial: called with each trial when it is done.

    Raises:
        InsufficientDataError: no user has enough interactions to hold one out.
    """
    user_ids = sorted_ids(interactions.select("user_id").distinct().toArrow()["user_id"])
    with nested_part(interactions, users, user_ids, item_ids, content, settings) as part:
        judged = _judged_users(part, settings.seed)

        def ndcg(candidate: RecommendationSettings) -> NDArray[np.float64]:
            members = part.fit(candidate)
            recommender = HybridRecommender(item_ids, members, part.learn(members, candidate))
            likes = part.train.weights[judged]
            found = evaluate(
                recommender,
                likes,
                likes,
                part.targets[judged],
                candidate.top_n,
                vectors=content.vectors,
                segments=members.popularity.segment_positions(part.segments[judged]),
            )
            return found.user_metrics["ndcg"]

        before: list[NDArray[np.float64]] = []

        def measure(candidate: RecommendationSettings) -> float:
            values = ndcg(candidate)
            if not before:  # the first trial is the settings before
                before.append(values)
            gain = values - before[0]
            return float(values.mean() - gain.std() / np.sqrt(len(gain)))

        return search(settings, RANGES, measure, settings.search, settings.seed, on_trial)


def _judged_users(part: NestedPart, seed: int) -> NDArray[np.int64]:
    """(judged,) rows of users with held-out likes."""
    usable = np.flatnonzero(history_sizes(part.targets) > 0)
    return np.sort(np.random.default_rng(seed).permutation(usable)[:JUDGED_USERS])
