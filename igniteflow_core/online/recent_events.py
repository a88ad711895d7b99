"""What users have done since the batch wrote their histories, one line of bytes an event."""

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
    """Something that a user did with an item.

    Attributes:
        feedback_id: key in FEEDBACK_LOG.
        item_id: with what.
        action: a type of event of the settings, or ``rating``.
        event_time: UTC microseconds.
        rating: of a rating, else None.
    """

    feedback_id: str
    item_id: str
    action: str
    event_time: int
    rating: float | None = None

    def to_line(self) -> bytes:
        """One line, which ends with a line feed."""
        fields = (self.feedback_id, self.item_id, self.action, self.event_time, self.rating)
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def read_events(content: bytes) -> list[RecentEvent]:
    """The events of the lines.

    Raises:
        PermanentError: a line is none that ``to_line`` wrote.
    """
    try:
        return [_event(*orjson.loads(line)) for line in content.splitlines()]
    except (orjson.JSONDecodeError, TypeError) as error:
        raise PermanentError(
            "a user's events in the online store cannot be read",
            where="online store",
            fix="delete the key; the nightly run makes the history of the same events",
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
    """The history as it is after the events that the batch has not counted.

    The rules are those of ``igniteflow_core.recommendations.interactions.to_interactions``, so that
    the likes and the seen items are the ones that the next batch finds. Two things about weights
    are left to the batch: older events lose weight only there, and the weight of an item that is
    rated anew is that of the rating alone until then.

    Args:
        history: of the user, as the batch wrote it.
        events: in any order, those too that the history counts.
        settings: the weights of events, and from which rating on an item is liked.

    Returns:
        The same history if there is nothing new; else one without a list, as the list that the
        batch made does not know of the events.
    """
    counted = set(history.counted)
    # A message that was read again was added again, under the same id.
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
    """By time; of several verdicts of one moment the best one is the last, as in the batch."""
    return event.event_time, not _is_dislike(event, settings), event.rating or 0.0


def _is_dislike(event: RecentEvent, settings: RecommendationSettings) -> bool:
    if event.rating is not None:
        return event.rating < settings.positive_rating
    return event.action in settings.events.dislikes
