"""The recommender, its members and a plain baseline on held-out likes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import sparse

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.intervals import Interval
from igniteflow_core.recommendations.evaluation import (
    ModelEvaluation,
    Scorer,
    bootstrap_interval,
    evaluate,
)
from igniteflow_core.recommendations.hybrid import MEMBER_NAMES, HybridRecommender
from igniteflow_core.recommendations.matrix import collect_matrix
from igniteflow_core.recommendations.split import Split

HYBRID = "hybrid"


def evaluate_members(
    recommender: HybridRecommender, split: Split, ratings: DataFrame, k: int
) -> dict[str, ModelEvaluation]:
    """Measure the hybrid and each of its members on the same users.

    What a user rated is not ranked, disliked items included, but for the held-out likes.

    Args:
        recommender: trained on ``split.train`` alone.
        split: training and held-out interactions.
        ratings: the RATINGS table.
        k: the length of the lists.

    Raises:
        InsufficientDataError: nobody has a held-out like.
    """
    holdout = _holdout(split, ratings, recommender.item_ids)
    models: dict[str, Scorer] = {
        HYBRID: recommender,
        **dict(zip(MEMBER_NAMES, recommender.members.all(), strict=True)),
    }
    return {name: holdout.evaluate(model, k) for name, model in models.items()}


def ndcg_gain(
    challenger: HybridRecommender,
    champion: HybridRecommender,
    split: Split,
    ratings: DataFrame,
    settings: RecommendationSettings,
) -> Interval:
    """The challenger's nDCG minus the champion's, user by user, with its bootstrap interval.

    Both are judged over the challenger's catalogue; items the champion does not know it cannot
    recommend.

    Raises:
        InsufficientDataError: nobody has a held-out like.
    """
    holdout = _holdout(split, ratings, challenger.item_ids)
    k = settings.top_n
    gained = holdout.evaluate(challenger, k).user_metrics["ndcg"]
    held = holdout.evaluate(_OverCatalogue(champion, challenger.item_ids), k).user_metrics["ndcg"]
    return bootstrap_interval(gained - held, settings.seed)


@dataclass(frozen=True)
class _OverCatalogue:
    """A recommender over another catalogue than its own, (items,) ``item_ids`` sorted."""

    recommender: HybridRecommender
    item_ids: NDArray[np.str_]

    def score(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        own_ids = self.recommender.item_ids
        _, here, own = np.intersect1d(
            self.item_ids, own_ids, assume_unique=True, return_indices=True
        )
        shape = (len(self.item_ids), len(own_ids))
        chosen = sparse.csr_array((np.ones(len(own), dtype=np.float32), (here, own)), shape=shape)
        scores = np.full((histories.shape[0], len(self.item_ids)), np.nan, dtype=np.float32)
        scores[:, here] = self.recommender.score(histories @ chosen)[:, own]
        return scores


@dataclass(frozen=True)
class _Holdout:
    """Training likes, what is not ranked, and held-out likes, each (users, items)."""

    train: sparse.csr_array
    seen: sparse.csr_array
    relevant: sparse.csr_array

    def evaluate(self, model: Scorer, k: int) -> ModelEvaluation:
        return evaluate(model, self.train, self.seen, self.relevant, k)


def _holdout(split: Split, ratings: DataFrame, item_ids: NDArray[np.str_]) -> _Holdout:
    train = collect_matrix(split.train, item_ids)
    rated = ratings.join(split.holdout.select("user_id", "item_id"), ["user_id", "item_id"], "anti")
    seen = collect_matrix(rated.withColumn("weight", F.lit(1.0)), item_ids, train.user_ids)
    relevant = collect_matrix(split.holdout, item_ids, train.user_ids)
    return _Holdout(train.weights, seen.weights, relevant.weights)
