"""What the online store holds of a user: likes, what they have seen, and their last list."""

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
        segment: the user's, if they are of one.
        recommended: the score of each item of the user's row in RECOMMENDATIONS, best first.
        model_version: of the recommender that made the list, None without one.
        counted: ids of the recent events that the batch has counted in it.
    """

    liked: dict[str, float]
    seen: tuple[str, ...]
    segment: str | None
    recommended: dict[str, float] = field(default_factory=dict)
    model_version: str | None = None
    counted: tuple[str, ...] = ()

    def precomputed(self, n: int, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
        """The best n of ``recommended`` with their scores, without what is liked, seen or excluded.

        It answers without a model, for as long as nothing is known of the user that the list does
        not know. It is as long as the list allows, hence empty for a user without one.
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
            PermanentError: it is something else.
        """
        try:
            fields = json.loads(content)
            return cls(
                liked=dict(fields["liked"]),
                seen=tuple(fields["seen"]),
                segment=fields["segment"],
                # A history that an earlier version has written holds no list.
                recommended=dict(fields.get("recommended", {})),
                model_version=fields.get("model_version"),
                counted=tuple(fields.get("counted", ())),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PermanentError(
                "a user's history in the online store cannot be read",
                where="online store",
                fix="materialize online_users anew",
            ) from error
