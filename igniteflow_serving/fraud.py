"""From a transaction to a decision: features, score, reasons, log."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.fraud.inputs import EVENT_TIME
from igniteflow_core.fraud.scorer import FraudScorer, load_scorer
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_core.telemetry.metrics import (
    DECISIONS_LOGGED_TOTAL,
    PREDICTIONS_TOTAL,
)
from igniteflow_core.telemetry.tracing import child_span
from igniteflow_serving.contract import TransactionIn
from igniteflow_serving.errors import ApiError
from igniteflow_serving.features import Case, Histories, OnlineFeatures
from igniteflow_serving.slots import ModelSlot, Serving

_WORTH_A_THREAD = 4
_WARM_UP_ROWS = 50


def load_fraud_model(
    endpoint: Endpoint, own: OwnColumns, names: tuple[str, ...], version: str
) -> FraudScorer:
    """Read a version, see that it takes features that are computed, and warm it up.

    Raises:
        ModelArtifactError: it cannot be read, or was trained on other features.
    """
    folder = endpoint.version_folder(version)
    scorer = load_scorer(folder)
    scorer.inputs.require_computed(names, str(folder))
    scorer.inputs.require_declared(own, str(folder))
    row = np.zeros((1, len(scorer.feature_names)))
    for _ in range(_WARM_UP_ROWS):
        scorer.score(row)
        scorer.reasons(row[0], 1)
    return scorer


class FraudService:
    """Answers /predict.

    Args:
        slot: the models.
        features: of the transactions.
        log: takes each decision before it is answered.
        settings: largest batch, number of reasons.
        own: columns that transactions have besides IgniteFlow's.
        names: of the features that are computed, in their order.
    """

    def __init__(
        self,
        slot: ModelSlot[FraudScorer],
        features: OnlineFeatures,
        log: DecisionLog,
        settings: ServingSettings,
        own: OwnColumns,
        names: tuple[str, ...],
    ) -> None:
        self._slot = slot
        self._names = names
        self._own = own
        self._features = features
        self._log = log
        self._settings = settings

    async def predict(
        self, transactions: Sequence[TransactionIn], caller: str | None
    ) -> list[dict[str, Any]]:
        """A decision on each transaction, as the fields of ``Prediction``, in the order given.

        Raises:
            ApiError: too many, nothing is deployed, or a policy refuses the features.
            OnlineStoreError: the online store does not answer, and the policy is to refuse.
        """
        if len(transactions) > self._settings.max_batch:
            raise ApiError(
                413,
                "batch_too_large",
                f"Send at most {self._settings.max_batch} transactions in one request",
            )
        with child_span("read online features"):
            histories = await self._features.read(transactions)
        if len(transactions) < _WORTH_A_THREAD:
            return self._decide(transactions, histories, caller)
        return await asyncio.to_thread(self._decide, transactions, histories, caller)

    def _decide(
        self,
        transactions: Sequence[TransactionIn],
        histories: Histories,
        caller: str | None,
    ) -> list[dict[str, Any]]:
        with child_span("compute features"):
            cases = self._features.compute(transactions, histories)
        with child_span("score"):
            decided = [self._answer(case, caller) for case in cases]
        shadow = self._slot.shadow()
        if shadow is not None:
            for case in cases:
                self._decision(case, shadow, caller)
        return decided

    def _answer(self, case: Case, caller: str | None) -> dict[str, Any]:
        serving = self._slot.answering(case.transaction.customer_id)
        decided = self._decision(case, serving, caller)
        reasons = serving.model.reasons(decided["features"], self._settings.reasons)
        return {
            "transaction_id": case.transaction.transaction_id,
            "decision_id": decided["decision_id"],
            "score": decided["score"],
            "is_alert": decided["is_alert"],
            "threshold": decided["threshold"],
            "model_version": serving.version,
            "reasons": reasons,
            "features": {
                "customer": case.customer,
                "terminal": case.terminal,
                "age_seconds": case.age_seconds,
            },
        }

    def _decision(
        self, case: Case, serving: Serving[FraudScorer], caller: str | None
    ) -> dict[str, Any]:
        """Score, and log before anybody is told."""
        transaction = case.transaction
        own = {name: getattr(transaction, name) for name in self._own}
        inputs = serving.model.inputs
        features = case.features[np.newaxis, _positions(inputs.features, self._names)]
        known = {name: [value] for name, value in own.items()}
        row = inputs.rows(features, known | {EVENT_TIME: [transaction.event_time]})
        score = float(serving.model.score(row)[0])
        threshold = serving.model.threshold
        decision = {
            "decision_id": uuid.uuid4().hex,
            "decided_at": datetime.now(UTC),
            "caller": caller,
            "correlation_id": correlation_id(),
            "role": serving.role,
            "model_version": serving.version,
            "transaction_id": transaction.transaction_id,
            "event_time": transaction.event_time,
            "customer_id": transaction.customer_id,
            "terminal_id": transaction.terminal_id,
            "amount": transaction.amount,
            "features": row[0],
            "customer_state": case.customer,
            "terminal_state": case.terminal,
            "feature_age_seconds": case.age_seconds,
            "score": score,
            "threshold": threshold,
            "is_alert": score >= threshold,
            **own,
        }
        self._log.append(decision)
        DECISIONS_LOGGED_TOTAL.inc()
        outcome = "alert" if score >= threshold else "pass"
        PREDICTIONS_TOTAL.labels("fraud", serving.version, serving.role, outcome).inc()
        return decision


@lru_cache
def _positions(wanted: tuple[str, ...], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Where the features of a model, which may be older than an entity, are among all."""
    return np.array([names.index(name) for name in wanted], dtype=np.int64)
