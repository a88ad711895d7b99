"""Decides on transactions: features, score, reasons, decision log."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.decisions.columns import Vocabulary, microseconds
from igniteflow_core.decisions.decider import Decider, load_decider
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
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
    endpoint: Endpoint, vocabulary: Vocabulary, version: str, rollout: Rollout
) -> Decider:
    """Load a version with the policy of the rollout, and warm it up.

    Raises:
        ModelArtifactError: one of them cannot be read, or the model was trained on other features.
        DecisionPolicyError: the policy names what is not declared.
    """
    decider = load_decider(endpoint, vocabulary, version, rollout)
    scorer = decider.model
    row = np.zeros((1, len(scorer.feature_names)))
    for _ in range(_WARM_UP_ROWS):
        scorer.score(row)
        scorer.reasons(row[0], 1)
    return decider


class FraudService:
    """Handles /predict.

    Args:
        slot: the loaded models, with the policy.
        features: computes the features of transactions.
        log: the decision log, which is written before the response is sent.
        settings: maximum batch size, and number of reasons.
        own: columns of transactions in addition to IgniteFlow's.
    """

    def __init__(
        self,
        slot: ModelSlot[Decider],
        features: OnlineFeatures,
        log: DecisionLog,
        settings: ServingSettings,
        own: OwnColumns,
    ) -> None:
        self._slot = slot
        self._own = own
        self._features = features
        self._log = log
        self._settings = settings

    async def predict(
        self, transactions: Sequence[TransactionIn], caller: str | None
    ) -> list[dict[str, Any]]:
        """Return a decision per transaction, as the fields of ``Prediction``, in the given order.

        Raises:
            ApiError: the batch is too large, no model is deployed, or a policy refuses the
                features.
            OnlineStoreError: the online store is unavailable, and the policy is ``refuse``.
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
            decided = [self._predict_one(case, caller) for case in cases]
        shadow = self._slot.shadow()
        if shadow is not None:
            for case in cases:
                self._decision(case, shadow, caller)
        return decided

    def _predict_one(self, case: Case, caller: str | None) -> dict[str, Any]:
        serving = self._slot.answering(case.transaction.customer_id)
        decided = self._decision(case, serving, caller)
        reasons = serving.model.model.reasons(decided["features"], self._settings.reasons)
        return {
            "transaction_id": case.transaction.transaction_id,
            "decision_id": decided["decision_id"],
            "score": decided["score"],
            "is_alert": decided["is_alert"],
            "decision": decided["decision"],
            "decided_by": decided["decided_by"],
            "threshold": decided["threshold"],
            "model_version": serving.version,
            "policy_version": decided["policy_version"],
            "policy_hash": decided["policy_hash"],
            "reasons": reasons,
            "features": {
                "customer": case.customer,
                "terminal": case.terminal,
                "age_seconds": case.age_seconds,
            },
        }

    def _decision(
        self, case: Case, serving: Serving[Decider], caller: str | None
    ) -> dict[str, Any]:
        """Decide on a transaction, and log the decision before the response is sent."""
        transaction = case.transaction
        own = {name: getattr(transaction, name) for name in self._own}
        ids = {"customer_id": transaction.customer_id, "terminal_id": transaction.terminal_id}
        decided = serving.model.decide(
            case.features[np.newaxis], [ids | own], [microseconds(transaction.event_time)]
        )
        made = serving.model.policy.columns_of_decisions(decided.decisions)
        decision = {
            "decision_id": uuid.uuid4().hex,
            "decided_at": datetime.now(UTC),
            "caller": caller,
            "correlation_id": correlation_id(),
            "role": serving.role,
            "model_version": serving.version,
            "transaction_id": transaction.transaction_id,
            "event_time": transaction.event_time,
            **ids,
            "amount": transaction.amount,
            "features": decided.inputs[0],
            "customer_state": case.customer,
            "terminal_state": case.terminal,
            "feature_age_seconds": case.age_seconds,
            "score": float(decided.scores[0]),
            "threshold": serving.model.alert_from,
            **{name: value[0] for name, value in made.items()},
            "is_alert": bool(made["is_alert"][0]),
            **own,
        }
        self._log.append(decision)
        DECISIONS_LOGGED_TOTAL.inc()
        outcome = "alert" if decision["is_alert"] else "pass"
        PREDICTIONS_TOTAL.labels("fraud", serving.version, serving.role, outcome).inc()
        return decision
