"""A decision policy as it is written down: score bands, lists, rules."""

import hashlib
import json
from collections import Counter
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Outcome: TypeAlias = Literal["approve", "review", "decline"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("approve", "review", "decline")
"""From the mildest to the strictest."""

MOST_RULES: Final = 100
MOST_LISTS: Final = 50
MOST_ENTRIES: Final = 20_000

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_Bound: TypeAlias = Annotated[float, Field(ge=0, le=1)] | Literal["threshold"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScoreBands(_Part):
    """What the score decides where no list and no rule does.

    A score from ``decline`` on is declined, one from ``review`` on is reviewed, any other is
    approved. ``threshold`` stands for the alert threshold of the model that serves; without
    ``decline``, nothing is declined by its score.
    """

    review: _Bound = "threshold"
    decline: _Bound | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "ScoreBands":
        review, decline = self.review, self.decline
        if isinstance(review, float) and isinstance(decline, float) and decline < review:
            raise ValueError("decline lies below review, so that nothing is reviewed")
        return self

    def bounds(self, threshold: float) -> tuple[float, float]:
        """From which score on is reviewed and declined, for a model with this threshold."""
        review = threshold if isinstance(self.review, str) else self.review
        if self.decline is None:
            return review, float("inf")
        return review, threshold if isinstance(self.decline, str) else self.decline


class ListEntry(_Part):
    """A value of a list.

    Attributes:
        value: of the list's column; of an entity of several columns, the value of each.
        until: the entry holds for events before this moment; None for ever.
        note: why it is there.
    """

    value: str | tuple[str, ...]
    until: AwareDatetime | None = None
    note: str | None = None


def _entry(given: object) -> object:
    return {"value": given} if isinstance(given, str | list | tuple) else given


class DecisionList(_Part):
    """Cards, terminals or other values that are declined or approved whatever their score.

    Attributes:
        name: of the list.
        action: ``deny`` declines, ``allow`` approves; deny wins.
        column: customer_id, terminal_id, or an own column whose value is looked for.
        entity: a declared entity that is looked for instead, as its columns give it.
        entries: a value, or an object with ``value``, ``until`` and ``note``.
    """

    name: _Name
    action: Literal["allow", "deny"]
    column: str | None = None
    entity: str | None = None
    entries: tuple[Annotated[ListEntry, BeforeValidator(_entry)], ...] = Field(
        max_length=MOST_ENTRIES
    )

    @model_validator(mode="after")
    def _of_one_thing(self) -> "DecisionList":
        if (self.column is None) == (self.entity is None):
            raise ValueError("a list is of a column or of an entity: name one of them")
        return self


class DecisionRule(_Part):
    """A condition over the score, the features and the own columns, and what follows from it.

    Attributes:
        name: of the rule.
        when: the condition, see ``expression``.
        then: the decision where it holds.
        note: why it is there.
    """

    name: _Name
    when: str
    then: Outcome
    note: str | None = None


class DecisionPolicy(_Part):
    """How a score becomes a decision; without lists and rules, by the model's threshold alone.

    The first that applies decides: deny lists, allow lists, the rules in their order, the bands.
    """

    bands: ScoreBands = ScoreBands()
    lists: tuple[DecisionList, ...] = Field(default=(), max_length=MOST_LISTS)
    rules: tuple[DecisionRule, ...] = Field(default=(), max_length=MOST_RULES)

    @model_validator(mode="after")
    def _one_of_each_name(self) -> "DecisionPolicy":
        for what, parts in (("lists", self.lists), ("rules", self.rules)):
            counts = Counter(part.name for part in parts)
            twice = sorted(name for name, count in counts.items() if count > 1)
            if twice:
                raise ValueError(f"{what} share a name: {', '.join(twice)}")
        return self

    @property
    def document(self) -> dict[str, Any]:
        """The policy as JSON, from which it can be read again."""
        return self.model_dump(mode="json")

    @property
    def sha256(self) -> str:
        """The hash of the document, the same for the same policy however it was written down."""
        text = json.dumps(self.document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


UNPROMOTED: Final = "0"
"""The version of the policy that holds before one was promoted: ``DecisionPolicy()``."""
