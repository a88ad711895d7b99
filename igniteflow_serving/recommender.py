"""A loaded recommender, and the ranking for one request."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.recommendations.artifact import load_recommender
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.ranking import NO_ITEM, top_k
from igniteflow_core.recommendations.rules import ShopRules
from igniteflow_core.recommendations.similar_items import item_embeddings
from igniteflow_serving.contract import RecommendRequest
from igniteflow_serving.shop import Shop
from igniteflow_serving.slots import Serving


@dataclass(frozen=True)
class LoadedRecommender:
    """A recommender with precomputed data that all requests use.

    Attributes:
        recommender: the fitted recommender.
        position: position of each item in the catalogue.
        embeddings: (items, dimensions) unit vectors for similar items; zeros for items without
            data.
    """

    recommender: HybridRecommender
    position: dict[str, int]
    embeddings: NDArray[np.float32]

    @cached_property
    def embedded(self) -> NDArray[np.bool_]:
        """Return a mask (items,) of the items that have an embedding."""
        return np.asarray(self.embeddings.any(axis=1))

    def matrix(self, weights: dict[str, float]) -> sparse.csr_array:
        """Return one row over the catalogue; items that are not in the catalogue are ignored."""
        known = sorted((self.position[i], w) for i, w in weights.items() if i in self.position)
        columns = np.array([at for at, _ in known], dtype=np.int64)
        values = np.array([weight for _, weight in known], dtype=np.float32)
        return sparse.csr_array(
            (values, columns, np.array([0, len(columns)])), shape=(1, len(self.position))
        )


def load_recommendation_model(
    endpoint: Endpoint, shop: Shop, version: str, _: Rollout
) -> LoadedRecommender:
    """Load a version and warm it up, including the rules for its catalogue.

    Raises:
        ModelArtifactError: the version cannot be read.
    """
    recommender = load_recommender(endpoint.version_folder(version))
    position = {item: at for at, item in enumerate(recommender.item_ids.tolist())}
    loaded = LoadedRecommender(recommender, position, item_embeddings(recommender))
    liked = loaded.matrix(dict.fromkeys(recommender.item_ids[:3].tolist(), 1.0))
    recommender.rank(liked, liked, 1, rules=shop.rules(version, recommender.item_ids))
    return loaded


def _rules(serving: Serving[LoadedRecommender], shop: Shop) -> ShopRules | None:
    return shop.rules(serving.version, serving.model.recommender.item_ids)


def best_items(
    serving: Serving[LoadedRecommender],
    history: UserHistory,
    request: RecommendRequest,
    shop: Shop,
) -> tuple[list[dict[str, Any]], str]:
    """Return the precomputed list if it is of this model and long enough, or rank the items."""
    rules = _rules(serving, shop)
    if request.liked is None and history.model_version == serving.version:
        listed = _precomputed(serving.model, history, request, rules)
        if len(listed) == request.n:
            return listed, "precomputed"
    return _ranked(serving.model, history, request, rules)


def _precomputed(
    model: LoadedRecommender,
    history: UserHistory,
    request: RecommendRequest,
    rules: ShopRules | None,
) -> list[dict[str, Any]]:
    hidden = set(request.exclude)
    if rules is not None:
        # Items that have sold out or were removed since the list was precomputed.
        hidden |= {
            item
            for item in history.recommended
            if item not in model.position or not rules.allowed[model.position[item]]
        }
    best = history.precomputed(request.n, hidden)
    return [{"item_id": item, "score": score} for item, score in best]


def _ranked(
    model: LoadedRecommender,
    history: UserHistory,
    request: RecommendRequest,
    rules: ShopRules | None,
) -> tuple[list[dict[str, Any]], str]:
    hidden = {*history.liked, *history.seen, *request.exclude}
    segments = np.array([history.segment], dtype=np.object_)
    ranking = model.recommender.rank(
        model.matrix(history.liked),
        model.matrix(dict.fromkeys(hidden, 1.0)),
        request.n,
        model.recommender.members.popularity.segment_positions(segments),
        rules,
    )
    listed = _listed(model, ranking.items[0], ranking.scores[0])
    return listed, str(ranking.sources[0])


def similar_items(
    serving: Serving[LoadedRecommender], at: int, n: int, shop: Shop
) -> list[dict[str, Any]]:
    """Return the items most similar to the item at a position, by cosine, without the item."""
    model, rules = serving.model, _rules(serving, shop)
    scores = (model.embeddings @ model.embeddings[at])[np.newaxis]
    scores[0, ~model.embedded] = -np.inf
    scores[0, at] = -np.inf
    if rules is not None:
        scores = rules.hide_forbidden(scores)
    best = top_k(scores, n)[0]
    return _listed(model, best, scores[0, np.maximum(best, 0)])


def _listed(
    model: LoadedRecommender, items: NDArray[np.int64], scores: NDArray[np.float32]
) -> list[dict[str, Any]]:
    return [
        {"item_id": str(model.recommender.item_ids[item]), "score": float(score)}
        for item, score in zip(items.tolist(), scores.tolist(), strict=True)
        if item != NO_ITEM
    ]
