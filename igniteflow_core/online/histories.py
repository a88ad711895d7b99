"""What the online store holds of a user: what they liked, and what they have seen."""

import json
from dataclasses import asdict, dataclass

from igniteflow_core.errors import PermanentError


@dataclass(frozen=True)
class UserHistory:
    """A user's items.

    Attributes:
        liked: the weight of each liked item.
        seen: items that are never recommended to the user, liked ones or not.
        segment: the user's, if they are of one.
    """

    liked: dict[str, float]
    seen: tuple[str, ...]
    segment: str | None

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
            return cls(dict(fields["liked"]), tuple(fields["seen"]), fields["segment"])
        except (ValueError, KeyError, TypeError) as error:
            raise PermanentError(
                "a user's history in the online store cannot be read",
                where="online store",
                fix="materialize online_features anew",
            ) from error
