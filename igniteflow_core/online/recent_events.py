"""The events of users since the batch wrote their histories, one line of bytes per event."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import orjson

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.errors import PermanentError
from igniteflow_core.online.histories import UserHistory


@dataclass(frozen=True)
class RecentEvent:
    """An interaction of a user with an item.

    Attributes:
        feedback_id: key in FEEDBACK_LOG.
        item_id: the item.
        action: an event type of the settings, or ``rating``.
        event_time: UTC microseconds.
        rating: value of a rating, otherwise None.
    """

    feedback_id: str
    item_id: str
    action: str
    event_time: int
    rating: float | None = None

    def to_line(self) -> bytes:
        """The event as one line, which ends with a line feed."""
        fields = (self.feedback_id, self.item_id, self.action, self.event_time, self.rating)
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def read_events(content: bytes) -> list[RecentEvent]:
    """The events of the lines.

    Raises:
        PermanentError: a line was not written by ``to_line``.
    """
    try:
        return [_event(*orjson.loads(line)) for line in content.splitlines()]
    except (orjson.JSONDecodeError, TypeError) as error:
        raise PermanentError(
            "a user's events in the online store cannot be read",
            where="online store",
            fix="delete the key; the nightly run makes the history from the same events",
        ) from error


def _event(
    feedback_id: str, item_id: str, action: str, event_time: int, rating: float | None
) -> RecentEvent:
    texts = isinstance(feedback_id, str) and isinstance(item_id, str) and isinstance(action, str)
    number = rating is None or (isinstance(rating, (int, float)) and math.isfinite(rating))
    if not (texts and number and isinstance(event_time, int)):
        raise TypeError("a field of an event is of another type")
    return RecentEvent(feedback_id, item_id, action, event_time, rating)


def add_events(
    history: UserHistory, events: Iterable[RecentEvent], settings: RecommendationSettings
) -> UserHistory:
    """The history after the events that the batch has not counted.

    The rules are those of ``igniteflow_core.recommendations.interactions.to_interactions``, so that
    the likes and the seen items are those of the next batch. Weights differ from the batch in two
    ways until then: older events do not decay, and the weight of an item that is rated again is
    that of the rating only.

    Args:
        history: history of the user, as the batch wrote it.
        events: events in any order, including those that the history counts.
        settings: weights of events, and the lowest rating of a liked item.

    Returns:
        The same history if there are no new events; otherwise one without a list, because the
        batch's list does not include the events.
    """
    counted = set(history.counted)
    # A message that was read twice was added twice, with the same id.
    new = {each.feedback_id: each for each in events if each.feedback_id not in counted}
    if not new:
        return history
    liked = dict(history.liked)
    seen = dict.fromkeys(history.seen)
    disliked = seen.keys() - liked.keys()
    for event in sorted(new.values(), key=partial(_order, settings=settings)):
        item = event.item_id
        seen[item] = None
        if _is_dislike(event, settings):
            disliked.add(item)
            liked.pop(item, None)
        elif event.rating is not None:
            disliked.discard(item)
            liked[item] = event.rating - settings.positive_rating + 1.0
        elif item not in disliked and event.action in settings.events.weights:
            liked[item] = liked.get(item, 0.0) + settings.events.weights[event.action]
    if settings.preference == "binary":
        liked = dict.fromkeys(liked, 1.0)
    return replace(history, liked=liked, seen=tuple(seen), recommended={}, model_version=None)


def _order(event: RecentEvent, settings: RecommendationSettings) -> tuple[int, bool, float]:
    """Sort key by time; of simultaneous events the most positive is the last, as in the batch."""
    return event.event_time, not _is_dislike(event, settings), event.rating or 0.0


def _is_dislike(event: RecentEvent, settings: RecommendationSettings) -> bool:
    if event.rating is not None:
        return event.rating < settings.positive_rating
    return event.action in settings.events.dislikes
