"""Recommends items to users, and finds similar items."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_core.experiments.assignment import assign
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_core.telemetry.metrics import DECISIONS_LOGGED_TOTAL
from igniteflow_core.telemetry.tracing import child_span
from igniteflow_serving.contract import HistoryState, RecommendRequest, SimilarRequest
from igniteflow_serving.errors import ApiError
from igniteflow_serving.histories import UNKNOWN_USER, Histories
from igniteflow_serving.recommender import LoadedRecommender, best_items, similar_items
from igniteflow_serving.shop import Shop
from igniteflow_serving.slots import ModelSlot


class RecommendationService:
    """Handles /recommend and /similar.

    Args:
        slot: the loaded models.
        histories: histories of the users.
        shop: rules for the items that may be shown.
        log: the recommendation log, which is written before the response is sent.
        exposures: the log of the experiment variants that users were shown.
        experiments: definitions of the A/B tests.
    """

    def __init__(
        self,
        slot: ModelSlot[LoadedRecommender],
        histories: Histories,
        shop: Shop,
        log: DecisionLog,
        exposures: DecisionLog,
        experiments: Sequence[ExperimentSettings],
    ) -> None:
        self._slot = slot
        self._histories = histories
        self._shop = shop
        self._log = log
        self._exposures = exposures
        self._experiments = experiments

    async def recommend(self, request: RecommendRequest, caller: str | None) -> dict[str, Any]:
        """Return the best unseen items, as the fields of ``RecommendResponse``.

        Raises:
            ApiError: no model is deployed.
        """
        identifier = correlation_id() or ""
        serving = self._slot.answering(request.user_id or identifier)
        history, state = await self._history(request)
        with child_span("rank"):
            items, source = await asyncio.to_thread(
                best_items, serving, history, request, self._shop
            )
        # A user whose history is unavailable gets the items of an unknown user, in no A/B test.
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
        """Return the most similar items, as the fields of ``SimilarResponse``.

        Raises:
            ApiError: no model is deployed, or the item is unknown.
        """
        serving = self._slot.answering(request.item_id)
        at = serving.model.position.get(request.item_id)
        if at is None:
            raise ApiError(404, "unknown_item", "The item is not in the catalogue of the model")
        items = await asyncio.to_thread(similar_items, serving, at, request.n, self._shop)
        return {
            "item_id": request.item_id,
            "items": items,
            "model_version": serving.version,
        }

    def _expose(self, user_id: str | None, segment: str | None) -> dict[str, str]:
        """Return the user's variant of each running experiment, and log the exposures."""
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
        """Return the user's history and its state; likes of the request replace stored likes."""
        history = UNKNOWN_USER
        state: HistoryState = "absent"
        if request.user_id is not None:
            with child_span("read history"):
                history, state = await self._histories.read(request.user_id)
        if request.liked is not None:
            history = replace(history, liked=dict.fromkeys(request.liked, 1.0))
        return history, state
