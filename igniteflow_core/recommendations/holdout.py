"""Evaluation of the recommender, its members and baselines on held-out likes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import sparse

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.intervals import Interval
from igniteflow_core.recommendations.evaluation import (
    ModelEvaluation,
    OnlyItems,
    Scorer,
    bootstrap_interval,
    evaluate,
)
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import (
    Segments,
    collect_matrix,
    collect_segments,
)
from igniteflow_core.recommendations.members import MEMBER_NAMES
from igniteflow_core.recommendations.rules import ShopRules
from igniteflow_core.recommendations.split import Split

HYBRID = "hybrid"


@dataclass(frozen=True)
class Holdout:
    """The known data of the users, and the held-out likes.

    Attributes:
        user_ids: (users,) sorted ids of the rows.
        train: (users, items) training likes.
        seen: (users, items) matrix whose stored cells are not ranked.
        relevant: (users, items) held-out likes.
        segments: (users,) names, None for users without a segment.
        vectors: (items, dimensions) content of the items.
    """

    user_ids: NDArray[np.str_]
    train: sparse.csr_array
    seen: sparse.csr_array
    relevant: sparse.csr_array
    segments: NDArray[np.object_]
    vectors: NDArray[np.float32]

    def evaluate(
        self,
        model: Scorer,
        k: int,
        segments: Segments = None,
        rules: ShopRules | None = None,
    ) -> ModelEvaluation:
        """Rank for every user with held-out likes. Raises as ``evaluation.evaluate``."""
        return evaluate(
            model,
            self.train,
            self.seen,
            self.relevant,
            k,
            vectors=self.vectors,
            segments=segments,
            rules=rules,
        )

    @property
    def new_items(self) -> NDArray[np.bool_]:
        """The items (items,) without likes in the training part."""
        return np.asarray(np.bincount(self.train.indices, minlength=self.train.shape[1]) == 0)

    def of_new_items(self) -> "Holdout | None":
        """The held-out likes of new items alone; None if there are none."""
        chosen = sparse.diags_array(self.new_items.astype(np.float32))
        relevant = sparse.csr_array(self.relevant @ chosen)
        relevant.eliminate_zeros()
        return replace(self, relevant=relevant) if relevant.nnz else None


def collect_holdout(
    split: Split,
    seen: DataFrame,
    users: DataFrame,
    item_ids: NDArray[np.str_],
    vectors: NDArray[np.float32],
) -> Holdout:
    """Collect a split over a catalogue.

    Items that a user has seen, including disliked ones, are not ranked, except for the held-out
    likes. In a split by time, only items that were seen before its cutoff or without a time count
    as seen.

    Args:
        split: training and held-out interactions.
        seen: ``user_id``, ``item_id`` and ``event_time`` of all items that users have seen.
        users: the USERS table.
        item_ids: (items,) the catalogue, sorted and unique.
        vectors: (items, dimensions) content of the items.
    """
    if split.cutoff is not None:
        day = F.to_date("event_time")
        seen = seen.where(day.isNull() | (day < F.lit(split.cutoff)))
    known = seen.join(split.holdout.select("user_id", "item_id"), ["user_id", "item_id"], "anti")
    of_train = collect_matrix(split.train, item_ids)
    of_holdout = collect_matrix(split.holdout, item_ids)
    user_ids = np.union1d(of_train.user_ids, of_holdout.user_ids)
    ones = known.withColumn("weight", F.lit(1.0))
    return Holdout(
        user_ids=user_ids,
        train=of_train.over_users(user_ids),
        seen=collect_matrix(ones, item_ids, user_ids).weights,
        relevant=of_holdout.over_users(user_ids),
        segments=collect_segments(users, user_ids),
        vectors=vectors,
    )


def evaluate_models(
    recommender: HybridRecommender,
    holdout: Holdout,
    k: int,
    baselines: Mapping[str, Scorer] | None = None,
) -> dict[str, ModelEvaluation]:
    """Measure the hybrid, each of its members and baselines on the same users.

    Raises:
        InsufficientDataError: no user has a held-out like.
    """
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    return {
        name: holdout.evaluate(model, k, segments)
        for name, model in models_of(recommender, baselines).items()
    }


def evaluate_new_items(
    recommender: HybridRecommender,
    holdout: Holdout,
    k: int,
    baselines: Mapping[str, Scorer] | None = None,
) -> dict[str, ModelEvaluation]:
    """Evaluate as ``evaluate_models``, only on items without likes in the training part.

    Returns:
        An empty result if no like of a new item is held out.
    """
    cold = holdout.of_new_items()
    if cold is None:
        return {}
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    return {
        name: cold.evaluate(OnlyItems(model, holdout.new_items), k, segments)
        for name, model in models_of(recommender, baselines).items()
    }


def models_of(
    recommender: HybridRecommender, baselines: Mapping[str, Scorer] | None = None
) -> dict[str, Scorer]:
    """The hybrid, each of its members and the baselines, by their names."""
    members = zip(MEMBER_NAMES, recommender.members.all(), strict=True)
    return {HYBRID: recommender, **dict(members), **(baselines or {})}


def ndcg_gain(
    challenger: HybridRecommender,
    champion: HybridRecommender,
    holdout: Holdout,
    settings: RecommendationSettings,
) -> Interval:
    """The challenger's nDCG minus the champion's, user by user, with its bootstrap interval.

    Both are evaluated on the challenger's catalogue. The champion cannot recommend items that it
    does not know.

    Args:
        challenger: recommender on the catalogue of the holdout.
        champion: recommender on its own catalogue.
        holdout: holdout on the challenger's catalogue.
        settings: length of the lists, and seed.

    Raises:
        InsufficientDataError: no user has a held-out like.
    """
    new, old = (
        _ndcg_of_users(recommender, challenger.item_ids, holdout, settings)
        for recommender in (challenger, champion)
    )
    return bootstrap_interval(new - old, settings.seed)


def held_out_ndcg(
    recommender: HybridRecommender, holdout: Holdout, settings: RecommendationSettings
) -> Interval:
    """The recommender's nDCG over its own catalogue, with its bootstrap interval over users.

    Raises:
        InsufficientDataError: no user has a held-out like.
    """
    values = _ndcg_of_users(recommender, recommender.item_ids, holdout, settings)
    return bootstrap_interval(values, settings.seed)


def _ndcg_of_users(
    recommender: HybridRecommender,
    item_ids: NDArray[np.str_],
    holdout: Holdout,
    settings: RecommendationSettings,
) -> NDArray[np.float64]:
    segments = recommender.members.popularity.segment_positions(holdout.segments)
    model = OverCatalogue(recommender, item_ids)
    return holdout.evaluate(model, settings.top_n, segments).user_metrics["ndcg"]


@dataclass(frozen=True)
class OverCatalogue:
    """A recommender on another catalogue than its own; ``item_ids`` (items,) are sorted."""

    recommender: HybridRecommender
    item_ids: NDArray[np.str_]

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, NaN for items that the recommender does not know."""
        own_ids = self.recommender.item_ids
        _, here, own = np.intersect1d(
            self.item_ids, own_ids, assume_unique=True, return_indices=True
        )
        shape = (len(self.item_ids), len(own_ids))
        chosen = sparse.csr_array((np.ones(len(own), dtype=np.float32), (here, own)), shape=shape)
        scores = np.full((histories.shape[0], len(self.item_ids)), np.nan, dtype=np.float32)
        scores[:, here] = self.recommender.score(histories @ chosen, segments)[:, own]
        return scores
