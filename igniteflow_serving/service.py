"""Creates and runs the components of one server process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.config.settings import Settings
from igniteflow_core.decisions.decider import Decider
from igniteflow_core.decisions.log import AppendLog, DecisionLog, UnkeptLog, close_abandoned
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import OnlineStore
from igniteflow_core.schemas.decisions import DECISION_LOG, FEEDBACK_LOG, LOGS, RECOMMENDATION_LOG
from igniteflow_core.schemas.experiments import EXPOSURES
from igniteflow_core.telemetry.memory import resident_bytes
from igniteflow_core.telemetry.metrics import MEMORY_USAGE_BYTES
from igniteflow_serving.contract import Readiness
from igniteflow_serving.errors import ApiError
from igniteflow_serving.features import OnlineFeatures
from igniteflow_serving.feedback import FeedbackService
from igniteflow_serving.fraud import FraudService, load_fraud_model
from igniteflow_serving.histories import Histories
from igniteflow_serving.recommendations import RecommendationService
from igniteflow_serving.recommender import LoadedRecommender, load_recommendation_model
from igniteflow_serving.shop import FOLLOW_SECONDS, Shop
from igniteflow_serving.slots import ModelSlot

if TYPE_CHECKING:
    from igniteflow_serving.feedback_topic import FeedbackTopic


@dataclass
class Service:
    """The components that routes use."""

    store: OnlineStore
    logs: dict[str, DecisionLog]
    fraud_models: ModelSlot[Decider]
    recommendation_models: ModelSlot[LoadedRecommender]
    fraud: FraudService
    recommendations: RecommendationService
    feedback: FeedbackService
    _has_reached_store: bool = field(default=False, init=False)

    def serving_versions(self) -> dict[str, str]:
        """Return the champion version of each endpoint that has one."""
        slots = (self.fraud_models, self.recommendation_models)
        return {slot.name: slot.champion_version for slot in slots if slot.champion_version}

    async def readiness(self) -> Readiness:
        """Return the serving versions if the process is ready for requests.

        If the store becomes unavailable later, the process stays ready: all other replicas have
        lost the store too, and many requests do not need it.

        Raises:
            ApiError: no model is loaded, or the online store has not been reached yet.
        """
        models = self.serving_versions()
        if not models:
            raise ApiError(503, "not_ready", "No model is loaded")
        try:
            await self.store.check_async()
        except OnlineStoreError as error:
            if not self._has_reached_store:
                raise ApiError(503, "not_ready", "The online store is unavailable") from error
            return Readiness(models=models, online_store="away")
        self._has_reached_store = True
        return Readiness(models=models, online_store="answers")


@asynccontextmanager
async def running_service(settings: Settings) -> AsyncIterator[Service]:
    """Open the store and the logs, load the deployed models, and follow rollouts.

    Raises:
        OnlineStoreError: the embedded store cannot be opened.
    """
    serving = settings.serving
    own = settings.sources.own_columns
    known = vocabulary(settings.fraud.entities, own)
    endpoints = Path(serving.endpoints_dir)
    fraud, recommender = Endpoint(endpoints / "fraud"), Endpoint(endpoints / "recommender")
    store = connect_online_store(settings.online)
    shop = Shop(store, settings.recommendations.rules)
    shop.refresh({})
    fraud_models = ModelSlot("fraud", fraud, partial(load_fraud_model, fraud, known))
    recommendation_models = ModelSlot(
        "recommender", recommender, partial(load_recommendation_model, recommender, shop)
    )
    fraud_models.refresh()
    recommendation_models.refresh()
    logs = {contract.name: _log(settings, contract.name) for contract in (*LOGS, EXPOSURES)}
    histories = Histories(store, settings.recommendations)
    feedback = FeedbackService(
        logs[FEEDBACK_LOG.name], histories, settings.recommendations.events.types
    )
    topic = _feedback_topic(settings, feedback)
    MEMORY_USAGE_BYTES.labels("serving").set_function(resident_bytes)
    service = Service(
        store=store,
        logs=logs,
        fraud_models=fraud_models,
        recommendation_models=recommendation_models,
        fraud=FraudService(
            fraud_models,
            OnlineFeatures(
                store,
                serving,
                label_delay=timedelta(days=settings.fraud.label_delay_days),
                own=own,
                max_age_seconds=settings.online.max_age_seconds,
                entities=known.entities,
            ),
            logs[DECISION_LOG.name],
            serving,
            own,
        ),
        recommendations=RecommendationService(
            recommendation_models,
            histories,
            shop,
            logs[RECOMMENDATION_LOG.name],
            logs[EXPOSURES.name],
            settings.experiments,
        ),
        feedback=feedback,
    )
    # Each thread keeps the memory that it has freed, so one thread loads all models.
    loader = ThreadPoolExecutor(1, "loader")
    followers = [
        asyncio.create_task(_every(seconds, work, thread))
        for seconds, work, thread in (
            (serving.reload_seconds, fraud_models.refresh, loader),
            (serving.reload_seconds, recommendation_models.refresh, loader),
            (FOLLOW_SECONDS, lambda: shop.refresh(_catalogues(recommendation_models)), loader),
            *((serving.log_segment_seconds, log.close_if_old, None) for log in logs.values()),
        )
    ]
    if topic is not None:
        followers.append(asyncio.create_task(topic.follow()))
    try:
        yield service
    finally:
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        if topic is not None:
            await topic.close()
        loader.shutdown()
        for log in logs.values():
            log.close()
        store.close()


def _feedback_topic(settings: Settings, service: FeedbackService) -> "FeedbackTopic | None":
    name = settings.serving.feedback_topic
    if name is None:
        return None
    # Kafka's client is imported only if a topic is configured.
    from igniteflow_serving.feedback_topic import FeedbackTopic  # noqa: PLC0415

    return FeedbackTopic(name, settings.stream, service)


def _catalogues(slot: ModelSlot[LoadedRecommender]) -> dict[str, NDArray[np.str_]]:
    return {version: model.recommender.item_ids for version, model in slot.models.items()}


def _log(settings: Settings, name: str) -> DecisionLog:
    if settings.serving.contract == "sagemaker":
        # SageMaker captures requests and responses, and files in the container would only fill its
        # disk.
        return UnkeptLog()
    folder = Path(settings.serving.log_dir, name)
    log = AppendLog(
        folder, settings.serving.log_segment_bytes, settings.serving.log_segment_seconds
    )
    close_abandoned(folder)
    return log


async def _every(
    seconds: float, work: Callable[[], object], thread: ThreadPoolExecutor | None
) -> None:
    """Repeat the work forever in the given thread, or in the default thread pool."""
    while True:
        await asyncio.sleep(seconds)
        await asyncio.get_running_loop().run_in_executor(thread, work)
