"""From a transaction to a decision: state of card and terminal, features, score, reasons, log."""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.errors import ModelArtifactError, OnlineStoreError
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.online import observe
from igniteflow_core.features.state import (
    EntityState,
    Transaction,
    empty_state,
    state_from_bytes,
)
from igniteflow_core.fraud.scorer import FraudScorer, load_scorer
from igniteflow_core.online.store import EntityKey, OnlineSnapshot, OnlineStore
from igniteflow_core.telemetry.correlation import correlation_id
from igniteflow_core.telemetry.metrics import (
    DECISIONS_LOGGED_TOTAL,
    ONLINE_FEATURE_AGE_SECONDS,
    ONLINE_READS_TOTAL,
    PREDICTIONS_TOTAL,
)
from igniteflow_core.telemetry.tracing import child_span
from igniteflow_serving.contract import FeatureState, TransactionIn
from igniteflow_serving.errors import ApiError
from igniteflow_serving.slots import ModelSlot, Serving

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WORTH_A_THREAD = 4
_WARM_UP_ROWS = 50

_log = logging.getLogger("igniteflow.serving")


def load_fraud_model(endpoint: Endpoint, version: str) -> FraudScorer:
    """Read a version, see that it takes this program's features, and warm it up.

    Raises:
        ModelArtifactError: it cannot be read, or was trained on other features.
    """
    folder = endpoint.version_folder(version)
    scorer = load_scorer(folder)
    if scorer.feature_names != FEATURE_NAMES:
        raise ModelArtifactError(
            f"version {version} takes other features than this program computes",
            where=str(folder),
            fix="train a model with this version of IgniteFlow, or serve with the one it is from",
        )
    row = np.zeros((1, len(FEATURE_NAMES)))
    for _ in range(_WARM_UP_ROWS):
        scorer.score(row)
        scorer.reasons(row[0], 1)
    return scorer


@dataclass(frozen=True)
class _Case:
    """A transaction with the features that were computed for it."""

    transaction: TransactionIn
    features: NDArray[np.float64]
    customer: FeatureState
    terminal: FeatureState
    age_seconds: float | None


class FraudService:
    """Answers /predict.

    Args:
        slot: the models.
        store: states of cards and terminals; only read here, written by stream and graph.
        log: takes each decision before it is answered.
        settings: policies, number of reasons.
        label_delay: time until a label is known, as in training.
        max_age_seconds: features that are older are stale.
    """

    def __init__(
        self,
        slot: ModelSlot[FraudScorer],
        store: OnlineStore,
        log: DecisionLog,
        settings: ServingSettings,
        *,
        label_delay: timedelta,
        max_age_seconds: float,
    ) -> None:
        self._slot = slot
        self._store = store
        self._log = log
        self._settings = settings
        self._label_delay = label_delay
        self._max_age_seconds = max_age_seconds

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
        keys = list(
            {
                key: None
                for transaction in transactions
                for key in (
                    EntityKey("customer", transaction.customer_id),
                    EntityKey("terminal", transaction.terminal_id),
                )
            }
        )
        with child_span("read online features"):
            snapshot = await self._read(keys)
        if len(transactions) < _WORTH_A_THREAD:
            return self._decide(transactions, keys, snapshot, caller)
        return await asyncio.to_thread(self._decide, transactions, keys, snapshot, caller)

    async def _read(self, keys: list[EntityKey]) -> OnlineSnapshot | None:
        """What the store holds of them; None if it is away and the policy is to score."""
        try:
            return await self._store.read_async(keys)
        except OnlineStoreError as error:
            for key in keys:
                ONLINE_READS_TOTAL.labels(key.kind, "failed").inc()
            if self._settings.unavailable_features == "refuse":
                raise
            _log.error("scored without online features: %s", error)
            return None

    def _decide(
        self,
        transactions: Sequence[TransactionIn],
        keys: list[EntityKey],
        snapshot: OnlineSnapshot | None,
        caller: str | None,
    ) -> list[dict[str, Any]]:
        with child_span("compute features"):
            cases = self._cases(transactions, keys, snapshot)
        with child_span("score"):
            decided = [self._answer(case, caller) for case in cases]
        shadow = self._slot.shadow()
        if shadow is not None:
            for case in cases:
                self._decision(case, shadow, caller)
        return decided

    def _cases(
        self,
        transactions: Sequence[TransactionIn],
        keys: list[EntityKey],
        snapshot: OnlineSnapshot | None,
    ) -> list[_Case]:
        """Features in the order of time, so that each transaction sees those before it."""
        states: dict[EntityKey, EntityState] = {}
        absent: set[EntityKey] = set()
        for key, stored in zip(
            keys, snapshot.states if snapshot else [None] * len(keys), strict=True
        ):
            if stored is None:
                absent.add(key)
                states[key] = empty_state()
            else:
                states[key] = state_from_bytes(stored.payload)

        def state(key: EntityKey, age: float | None) -> FeatureState:
            return self._state(key, key in absent, age) if snapshot else "unavailable"

        cases: dict[int, _Case] = {}
        events = [_event(transaction) for transaction in transactions]
        by_time = sorted(
            range(len(events)), key=lambda at: (events[at].time, events[at].transaction_id)
        )
        for at in by_time:
            event = events[at]
            customer = EntityKey("customer", event.customer_id)
            terminal = EntityKey("terminal", event.terminal_id)
            age = snapshot.age_seconds(event.time) if snapshot else None
            seen = observe(event, states[customer], states[terminal], label_delay=self._label_delay)
            states[customer], states[terminal] = seen.customer, seen.terminal
            cases[at] = _Case(
                transaction=transactions[at],
                features=seen.features,
                customer=state(customer, age),
                terminal=state(terminal, age),
                age_seconds=age,
            )
        return [cases[at] for at in range(len(events))]

    def _state(self, key: EntityKey, is_absent: bool, age: float | None) -> FeatureState:
        """How good the entity's features are: counted, and refused where the settings say so."""
        state: FeatureState = "fresh"
        if is_absent:
            state = "absent"
        elif age is None or age > self._max_age_seconds:
            state = "stale"
        ONLINE_READS_TOTAL.labels(key.kind, state).inc()
        if age is not None:
            ONLINE_FEATURE_AGE_SECONDS.set(age)
        if state == "absent" and self._settings.absent_features == "refuse":
            raise ApiError(
                422, "unknown_entity", f"Nothing is known of this {key.kind}; it is not scored"
            )
        if state == "stale" and self._settings.stale_features == "refuse":
            raise ApiError(
                503,
                "stale_features",
                "The online features are too old to score with",
                headers={"Retry-After": "10"},
            )
        return state

    def _answer(self, case: _Case, caller: str | None) -> dict[str, Any]:
        serving = self._slot.answering(case.transaction.customer_id)
        decided = self._decision(case, serving, caller)
        reasons = serving.model.reasons(case.features, self._settings.reasons)
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
        self, case: _Case, serving: Serving[FraudScorer], caller: str | None
    ) -> dict[str, Any]:
        """Score, and log before anybody is told."""
        score = float(serving.model.score(case.features[np.newaxis])[0])
        threshold = serving.model.threshold
        transaction = case.transaction
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
            "features": case.features,
            "customer_state": case.customer,
            "terminal_state": case.terminal,
            "feature_age_seconds": case.age_seconds,
            "score": score,
            "threshold": threshold,
            "is_alert": score >= threshold,
        }
        self._log.append(decision)
        DECISIONS_LOGGED_TOTAL.inc()
        outcome = "alert" if score >= threshold else "pass"
        PREDICTIONS_TOTAL.labels("fraud", serving.version, serving.role, outcome).inc()
        return decision


def _event(transaction: TransactionIn) -> Transaction:
    return Transaction(
        transaction_id=transaction.transaction_id,
        time=(transaction.event_time - _EPOCH) // _MICROSECOND,
        customer_id=transaction.customer_id,
        terminal_id=transaction.terminal_id,
        amount=transaction.amount,
    )
