"""Reads users' histories from the online store, including their most recent events."""

import logging
from collections import defaultdict
from collections.abc import Iterable

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.recent_events import RecentEvent, add_events, read_events
from igniteflow_core.online.store import EntityKey, OnlineStore
from igniteflow_core.telemetry.metrics import ONLINE_EVENTS_TOTAL, ONLINE_READS_TOTAL
from igniteflow_serving.contract import HistoryState, OutcomeIn

UNKNOWN_USER = UserHistory({}, (), None)

_log = logging.getLogger("igniteflow.serving")


class Histories:
    """The users' histories in the online store.

    Args:
        store: stores the histories that the batch assets write, and the events since then.
        settings: weights of events as preferences.
    """

    def __init__(self, store: OnlineStore, settings: RecommendationSettings) -> None:
        self._store = store
        self._settings = settings

    async def read(self, user_id: str) -> tuple[UserHistory, HistoryState]:
        """Return the user's history and its state."""
        keys = [EntityKey("user", user_id), EntityKey("user_events", user_id)]
        try:
            stored, recent = (await self._store.read_async(keys)).states
        except OnlineStoreError as error:
            _log.error("recommended without a history: %s", error)
            ONLINE_READS_TOTAL.labels("user", "failed").inc()
            return UNKNOWN_USER, "unavailable"
        ONLINE_READS_TOTAL.labels("user", "fresh" if stored else "absent").inc()
        history = UserHistory.from_bytes(stored.payload) if stored else UNKNOWN_USER
        if recent is not None:
            history = add_events(history, read_events(recent.payload), self._settings)
        return history, "known" if stored or recent else "absent"

    async def add(self, outcomes: Iterable[tuple[str, OutcomeIn]]) -> None:
        """Add outcomes to the users' histories.

        If the store is unavailable, the next batch run updates the histories from the feedback log,
        which contains the same outcomes.

        Args:
            outcomes: the outcomes with their ids in the log.
        """
        lines: defaultdict[str, list[bytes]] = defaultdict(list)
        for feedback_id, outcome in outcomes:
            event = RecentEvent(
                feedback_id,
                outcome.item_id,
                outcome.action,
                int(outcome.event_time.timestamp() * 1_000_000),
                outcome.rating,
            )
            lines[outcome.user_id].append(event.to_line())
        for user_id, added in lines.items():
            try:
                key = EntityKey("user_events", user_id)
                await self._store.append_async(key, b"".join(added))
            except OnlineStoreError as error:
                _log.error("a user's history is not updated until the next batch: %s", error)
                ONLINE_EVENTS_TOTAL.labels("failed").inc(len(added))
            else:
                ONLINE_EVENTS_TOTAL.labels("stored").inc(len(added))
