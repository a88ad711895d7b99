"""Computes the features of the transactions of /predict from the online store."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.features.online import observe
from igniteflow_core.features.own_entities import OwnEntities, ids_of
from igniteflow_core.features.own_online import observe_own
from igniteflow_core.features.own_positions import points_of_transaction
from igniteflow_core.features.state import (
    EntityState,
    Transaction,
    empty_state,
    state_from_bytes,
)
from igniteflow_core.online.store import EntityKey, OnlineSnapshot, OnlineStore, own_kind
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.telemetry.metrics import ONLINE_FEATURE_AGE_SECONDS, ONLINE_READS_TOTAL
from igniteflow_serving.contract import FeatureState, TransactionIn
from igniteflow_serving.errors import ApiError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_log = logging.getLogger("igniteflow.serving")


@dataclass(frozen=True)
class Case:
    """A transaction with its computed features."""

    transaction: TransactionIn
    features: NDArray[np.float64]
    customer: FeatureState
    terminal: FeatureState
    age_seconds: float | None


@dataclass(frozen=True)
class Histories:
    """Stored states of cards and terminals; all None while the store is unavailable."""

    keys: list[EntityKey]
    snapshot: OnlineSnapshot
    is_available: bool


class OnlineFeatures:
    """Computes features as of the time of each transaction, and their freshness.

    Args:
        store: states of cards and terminals, which the stream and the batch assets write.
        settings: policies for stale, absent and unavailable features.
        label_delay: delay until a label is known, as in training.
        own: columns of transactions in addition to IgniteFlow's.
        entities: declared entities in addition to cards and terminals.
        max_age_seconds: features older than this are stale.
    """

    def __init__(
        self,
        store: OnlineStore,
        settings: ServingSettings,
        *,
        label_delay: timedelta,
        own: OwnColumns,
        max_age_seconds: float,
        entities: OwnEntities = (),
    ) -> None:
        self._store = store
        self._settings = settings
        self._label_delay = label_delay
        self._own = own
        self._max_age_seconds = max_age_seconds
        self._entities = entities

    async def read(self, transactions: Sequence[TransactionIn]) -> Histories:
        """Read the states of the transactions' cards, terminals and entities in one round trip.

        Raises:
            OnlineStoreError: the store is unavailable, and the policy is ``refuse``.
        """
        keys = list(
            {
                key: None
                for transaction in transactions
                for key in (
                    EntityKey("customer", transaction.customer_id),
                    EntityKey("terminal", transaction.terminal_id),
                    *(self._declared(self._event(transaction)).values() if self._entities else ()),
                )
            }
        )
        try:
            snapshot = await self._store.read_async(keys)
        except OnlineStoreError as error:
            for key in keys:
                ONLINE_READS_TOTAL.labels(key.kind, "failed").inc()
            if self._settings.unavailable_features == "refuse":
                raise
            _log.error("scored without online features: %s", error)
            return Histories(keys, OnlineSnapshot([None] * len(keys), None), is_available=False)
        # By the clock, because the event time of a request must not affect an operator's gauge.
        age = snapshot.age_seconds(time.time_ns() // 1_000)
        if age is not None:
            ONLINE_FEATURE_AGE_SECONDS.set(age)
        return Histories(keys, snapshot, is_available=True)

    def compute(self, transactions: Sequence[TransactionIn], histories: Histories) -> list[Case]:
        """Compute features in time order, so that each transaction includes the earlier ones.

        Args:
            transactions: transactions of the request.
            histories: result of ``read`` for the same transactions.

        Returns:
            One case per transaction, in the order of the request.

        Raises:
            ApiError: a policy refuses stale or absent features.
        """
        keys, snapshot = histories.keys, histories.snapshot
        states: dict[EntityKey, EntityState] = {}
        absent: set[EntityKey] = set()
        for key, stored in zip(keys, snapshot.states, strict=True):
            if stored is None:
                absent.add(key)
                states[key] = empty_state()
            else:
                states[key] = state_from_bytes(stored.payload)

        def state(key: EntityKey, age: float | None) -> FeatureState:
            if not histories.is_available:
                return "unavailable"
            return self._state(key, key in absent, age)

        cases: dict[int, Case] = {}
        events = [self._event(transaction) for transaction in transactions]
        by_time = sorted(
            range(len(events)), key=lambda at: (events[at].time, events[at].transaction_id)
        )
        for at in by_time:
            event = events[at]
            customer = EntityKey("customer", event.customer_id)
            terminal = EntityKey("terminal", event.terminal_id)
            age = snapshot.age_seconds(event.time)
            observed = observe(
                event, states[customer], states[terminal], label_delay=self._label_delay
            )
            states[customer], states[terminal] = observed.customer, observed.terminal
            features = observed.features
            if self._entities:
                declared = self._declared(event)
                own = self._observe_own(event, declared, states)
                features = np.concatenate([features, own])
                # The policies do not apply: a transaction is not refused for an unknown device.
                for key in declared.values() if histories.is_available else ():
                    ONLINE_READS_TOTAL.labels(key.kind, self._quality(key in absent, age)).inc()
            cases[at] = Case(
                transaction=transactions[at],
                features=features,
                customer=state(customer, age),
                terminal=state(terminal, age),
                age_seconds=age,
            )
        return [cases[at] for at in range(len(events))]

    def _event(self, transaction: TransactionIn) -> Transaction:
        values = {name: getattr(transaction, name) for name in self._own}
        return Transaction(
            transaction_id=transaction.transaction_id,
            time=(transaction.event_time - _EPOCH) // _MICROSECOND,
            customer_id=transaction.customer_id,
            terminal_id=transaction.terminal_id,
            amount=transaction.amount,
            own=values,
            **points_of_transaction(values, self._own),
        )

    def _declared(self, event: Transaction) -> dict[str, EntityKey]:
        """Return the keys of the transaction's declared entities, by the entities' names."""
        ids = ids_of(event.values, self._entities)
        return {entity: EntityKey(own_kind(entity), name) for entity, name in ids.items()}

    def _observe_own(
        self,
        event: Transaction,
        keys: dict[str, EntityKey],
        states: dict[EntityKey, EntityState],
    ) -> NDArray[np.float64]:
        """Compute the features of the declared entities, and update their states in ``states``."""
        before = {entity: {key.entity_id: states[key]} for entity, key in keys.items()}
        observed = observe_own(event, before, self._entities, label_delay=self._label_delay)
        for entity, key in keys.items():
            states[key] = observed.states[entity][key.entity_id]
        return observed.features

    def _quality(self, is_absent: bool, age: float | None) -> FeatureState:
        if is_absent:
            return "absent"
        return "stale" if age is None or age > self._max_age_seconds else "fresh"

    def _state(self, key: EntityKey, is_absent: bool, age: float | None) -> FeatureState:
        """Return and count the freshness of the entity's features, and apply the policies."""
        state = self._quality(is_absent, age)
        ONLINE_READS_TOTAL.labels(key.kind, state).inc()
        if state == "absent" and self._settings.absent_features == "refuse":
            raise ApiError(
                422, "unknown_entity", f"The {key.kind} is unknown; the transaction is not scored"
            )
        if state == "stale" and self._settings.stale_features == "refuse":
            raise ApiError(
                503,
                "stale_features",
                "The online features are too old for scoring",
                headers={"Retry-After": "10"},
            )
        return state
