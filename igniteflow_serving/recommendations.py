"""What to recommend to somebody, and what is like an item."""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.experiments.assignment import assign
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import EntityKey, OnlineStore
from igniteflow_core.recommendations.artifact import load_recommender
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.ranking import NO_ITEM, top_k
from igniteflow_core.recommendations.rules import ShopRules
from igniteflow_core.recommendations.similar_items import item_embeddings
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_core.telemetry.metrics import DECISIONS_LOGGED_TOTAL, ONLINE_READS_TOTAL
from igniteflow_core.telemetry.tracing import child_span
from igniteflow_serving.contract import HistoryState, RecommendRequest, SimilarRequest
from igniteflow_serving.errors import ApiError
from igniteflow_serving.shop import Shop
from igniteflow_serving.slots import ModelSlot, Serving

_NOBODY = UserHistory({}, (), None)

_log = logging.getLogger("igniteflow.serving")


@dataclass(frozen=True)
class LoadedRecommender:
    """A recommender with what every request needs.

    Attributes:
        recommender: what ranks.
        position: of each item in the catalogue.
        embeddings: (items, dimensions) of unit length, for items like an item; zeros where nothing
            is known of one.
    """

    recommender: HybridRecommender
    position: dict[str, int]
    embeddings: NDArray[np.float32]

    @cached_property
    def embedded(self) -> NDArray[np.bool_]:
        """(items,) the items of which something is known."""
        return np.asarray(self.embeddings.any(axis=1))

    def matrix(self, weights: dict[str, float]) -> sparse.csr_array:
        """One row over the catalogue; items that are not in it are passed over."""
        known = sorted((self.position[i], w) for i, w in weights.items() if i in self.position)
        columns = np.array([at for at, _ in known], dtype=np.int64)
        values = np.array([weight for _, weight in known], dtype=np.float32)
        return sparse.csr_array(
            (values, columns, np.array([0, len(columns)])), shape=(1, len(self.position))
        )


def load_recommendation_model(endpoint: Endpoint, shop: Shop, version: str) -> LoadedRecommender:
    """Read a version and warm it up, with the rules over its catalogue.

    Raises:
        ModelArtifactError: it cannot be read.
    """
    recommender = load_recommender(endpoint.version_folder(version))
    position = {item: at for at, item in enumerate(recommender.item_ids.tolist())}
    loaded = LoadedRecommender(recommender, position, item_embeddings(recommender))
    liked = loaded.matrix(dict.fromkeys(recommender.item_ids[:3].tolist(), 1.0))
    recommender.rank(liked, liked, 1, rules=shop.rules(version, recommender.item_ids))
    return loaded


class RecommendationService:
    """Answers /recommend and /similar.

    Args:
        slot: the models.
        store: the users' histories.
        shop: what may be shown.
        log: takes each list before it is answered.
        exposures: takes who was shown which variant of an experiment.
        experiments: definitions of the A/B tests.
    """

    def __init__(
        self,
        slot: ModelSlot[LoadedRecommender],
        store: OnlineStore,
        shop: Shop,
        log: DecisionLog,
        exposures: DecisionLog,
        experiments: Sequence[ExperimentSettings],
    ) -> None:
        self._slot = slot
        self._store = store
        self._shop = shop
        self._log = log
        self._exposures = exposures
        self._experiments = experiments

    async def recommend(self, request: RecommendRequest, caller: str | None) -> dict[str, Any]:
        """The best unseen items, as the fields of ``RecommendResponse``.

        Raises:
            ApiError: nothing is deployed.
        """
        identifier = correlation_id() or ""
        serving = self._slot.answering(request.user_id or identifier)
        history, state = await self._history(request)
        with child_span("rank"):
            items, source = await asyncio.to_thread(_best, serving, history, request, self._shop)
        # Who saw what a stranger sees took no part in a test.
        user = None if state == "unavailable" else request.user_id
        variants = self._expose(user, history.segment)
        decision = {
            "decision_id": uuid.uuid4().hex,
            "decided_at": datetime.now(UTC),
            "caller": caller,
            "correlation_id": identifier,
            "role": serving.role,
            "model_version": serving.version,
            "user_id": request.user_id,
            "experiments": [f"{name}={variant}" for name, variant in variants.items()],
            "source": source,
            "item_ids": [item["item_id"] for item in items],
        }
        self._log.append(decision)
        DECISIONS_LOGGED_TOTAL.inc()
        return {
            "user_id": request.user_id,
            "decision_id": decision["decision_id"],
            "items": items,
            "source": source,
            "history": state,
            "model_version": serving.version,
            "experiments": variants,
        }

    async def similar(self, request: SimilarRequest) -> dict[str, Any]:
        """The most alike items, as the fields of ``SimilarResponse``.

        Raises:
            ApiError: nothing is deployed, or the item is unknown.
        """
        serving = self._slot.answering(request.item_id)
        at = serving.model.position.get(request.item_id)
        if at is None:
            raise ApiError(404, "unknown_item", "The item is not in the catalogue of the model")
        items = await asyncio.to_thread(_alike, serving, at, request.n, self._shop)
        return {
            "item_id": request.item_id,
            "items": items,
            "model_version": serving.version,
        }

    def _expose(self, user_id: str | None, segment: str | None) -> dict[str, str]:
        """The user's variant of each experiment that runs, and a note that they see it."""
        if user_id is None:
            return {}
        now = datetime.now(UTC)
        variants: dict[str, str] = {}
        for experiment in self._experiments:
            if experiment.start <= now and (experiment.end is None or now < experiment.end):
                variant = assign(experiment, user_id, segment)
                if variant is not None:
                    variants[experiment.name] = variant
                    self._exposures.append(
                        {
                            "experiment": experiment.name,
                            "variant": variant,
                            "user_id": user_id,
                            "event_time": now,
                        }
                    )
        return variants

    async def _history(self, request: RecommendRequest) -> tuple[UserHistory, HistoryState]:
        """What is known of the user, and whether anything is; the likes of the request go first."""
        history = _NOBODY
        state: HistoryState = "absent"
        if request.user_id is not None:
            key = EntityKey("user", request.user_id)
            try:
                with child_span("read history"):
                    stored = (await self._store.read_async([key])).states[0]
            except OnlineStoreError as error:
                _log.error("recommended without a history: %s", error)
                state = "unavailable"
                ONLINE_READS_TOTAL.labels("user", "failed").inc()
            else:
                if stored is not None:
                    history, state = UserHistory.from_bytes(stored.payload), "known"
                ONLINE_READS_TOTAL.labels("user", "fresh" if stored else "absent").inc()
        if request.liked is not None:
            history = replace(history, liked=dict.fromkeys(request.liked, 1.0))
        return history, state


def _rules(serving: Serving[LoadedRecommender], shop: Shop) -> ShopRules | None:
    return shop.rules(serving.version, serving.model.recommender.item_ids)


def _best(
    serving: Serving[LoadedRecommender],
    history: UserHistory,
    request: RecommendRequest,
    shop: Shop,
) -> tuple[list[dict[str, Any]], str]:
    """The list that batch has made, where it is this model's and long enough; else a new one."""
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
        # What has sold out, or was taken off, since the list was made.
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


def _alike(
    serving: Serving[LoadedRecommender], at: int, n: int, shop: Shop
) -> list[dict[str, Any]]:
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
