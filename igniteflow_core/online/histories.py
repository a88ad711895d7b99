"""The history of a user in the online store: liked items, seen items, and the last list."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from itertools import islice

from igniteflow_core.errors import PermanentError


@dataclass(frozen=True)
class UserHistory:
    """A user's items.

    Attributes:
        liked: the weight of each liked item.
        seen: items that are never recommended to the user, liked ones or not.
        segment: segment of the user, if there is one.
        recommended: the score of each item of the user's row in RECOMMENDATIONS, best first.
        model_version: version of the recommender that made the list; None without a list.
        counted: ids of the recent events that the batch has included.
    """

    liked: dict[str, float]
    seen: tuple[str, ...]
    segment: str | None
    recommended: dict[str, float] = field(default_factory=dict)
    model_version: str | None = None
    counted: tuple[str, ...] = ()

    def precomputed(self, n: int, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
        """The best n of ``recommended`` with their scores, without what is liked, seen or excluded.

        The list needs no model, as long as the user has no events that it does not include. The
        result may be shorter than n, and is empty for a user without a list.
        """
        hidden = {*self.liked, *self.seen, *exclude}
        allowed = ((item, score) for item, score in self.recommended.items() if item not in hidden)
        return list(islice(allowed, n))

    def to_bytes(self) -> bytes:
        """The history as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "UserHistory":
        """The history that ``to_bytes`` wrote.

        Raises:
            PermanentError: the content is not a history.
        """
        try:
            fields = json.loads(content)
            return cls(
                liked=dict(fields["liked"]),
                seen=tuple(fields["seen"]),
                segment=fields["segment"],
                # A history that an earlier version has written has no list.
                recommended=dict(fields.get("recommended", {})),
                model_version=fields.get("model_version"),
                counted=tuple(fields.get("counted", ())),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PermanentError(
                "a user's history in the online store cannot be read",
                where="online store",
                fix="materialize online_users again",
            ) from error
