"""The document of a decision policy: score bands, lists, rules."""

import hashlib
import json
from collections import Counter
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Outcome: TypeAlias = Literal["approve", "review", "decline"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("approve", "review", "decline")
"""The outcomes in ascending order of strictness."""

MOST_RULES: Final = 100
MOST_LISTS: Final = 50
MOST_ENTRIES: Final = 20_000

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_Bound: TypeAlias = Annotated[float, Field(ge=0, le=1)] | Literal["threshold"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScoreBands(_Part):
    """The decision by the score, if no list and no rule applies.

    A score from ``decline`` on is declined, one from ``review`` on is reviewed, any other is
    approved. ``threshold`` is the alert threshold of the served model; without
    ``decline``, nothing is declined by its score.
    """

    review: _Bound = "threshold"
    decline: _Bound | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "ScoreBands":
        review, decline = self.review, self.decline
        if isinstance(review, float) and isinstance(decline, float) and decline < review:
            raise ValueError("decline is below review, so that nothing is reviewed")
        return self

    def bounds(self, threshold: float) -> tuple[float, float]:
        """The lowest scores that are reviewed and declined, for a model with this threshold."""
        review = threshold if isinstance(self.review, str) else self.review
        if self.decline is None:
            return review, float("inf")
        return review, threshold if isinstance(self.decline, str) else self.decline


class ListEntry(_Part):
    """An entry of a list.

    Attributes:
        value: value of the list's column; for an entity of several columns, the value of each
            column.
        until: the entry applies to events before this time; None for no end.
        note: reason of the entry.
    """

    value: str | tuple[str, ...]
    until: AwareDatetime | None = None
    note: str | None = None


def _entry(given: object) -> object:
    return {"value": given} if isinstance(given, str | list | tuple) else given


class DecisionList(_Part):
    """Cards, terminals or other values that are declined or approved regardless of the score.

    Attributes:
        name: name of the list.
        action: ``deny`` declines, ``allow`` approves; deny wins.
        column: customer_id, terminal_id, or an own column, whose value is looked up.
        entity: declared entity that is looked up instead, by the values of its columns.
        entries: entries; each is a value, or an object with ``value``, ``until`` and ``note``.
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
            raise ValueError("a list needs either a column or an entity: name one of them")
        return self


class DecisionRule(_Part):
    """A condition over the score, the features and the own columns, and its decision.

    Attributes:
        name: name of the rule.
        when: condition, see ``expression``.
        then: decision if the condition is true.
        note: reason of the rule.
    """

    name: _Name
    when: str
    then: Outcome
    note: str | None = None


class DecisionPolicy(_Part):
    """The rules from scores to decisions; the default uses only the model's alert threshold.

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
        """The policy as JSON, which can be parsed again."""
        return self.model_dump(mode="json")

    @property
    def sha256(self) -> str:
        """The hash of the document; it does not depend on the formatting of the source."""
        text = json.dumps(self.document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


UNPROMOTED: Final = "0"
"""The version of the default policy ``DecisionPolicy()``, used before any promotion."""
