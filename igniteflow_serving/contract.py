"""Requests and responses of the API."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    create_model,
    model_validator,
)

from igniteflow_core.config.recommendations import RATING
from igniteflow_core.decisions.policy import Outcome
from igniteflow_core.schemas.own_columns import COORDINATES, OwnColumn, OwnColumns, OwnType
from igniteflow_core.values.own import own_value
from igniteflow_core.values.python import is_identifier, number, text
from igniteflow_core.values.rules import LARGEST_AMOUNT, LONGEST_ID

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_MAX_CLOCK_SKEW: Final = timedelta(minutes=5)


def _in_this_century(time: datetime) -> datetime:
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    # Checked before the conversion, because an offset can lead out of the range of datetime.
    if not _EARLIEST <= time < _LATEST:
        raise ValueError("the time must be between the years 2000 and 2100")
    return time.astimezone(UTC)


def _not_ahead(time: datetime) -> datetime:
    # Weights decay with the age relative to the newest event, so a future event would dominate.
    if time > datetime.now(UTC) + _MAX_CLOCK_SKEW:
        raise ValueError("the time is in the future")
    return time


def _identifier(value: object) -> str:
    trimmed = None if isinstance(value, bool) else text(value)
    if trimmed is None or not is_identifier(trimmed):
        raise ValueError(
            f"an id is a number, or a text of 1 to {LONGEST_ID} characters without control "
            "characters; placeholders such as NULL, N/A and nan are not ids"
        )
    return trimmed


def _number(value: object) -> float:
    parsed = number(value)
    if parsed is None:
        raise ValueError("not a finite number with a decimal point")
    return parsed


Identifier = Annotated[
    str,
    BeforeValidator(_identifier),
    Field(min_length=1, max_length=LONGEST_ID),
]
# Examples are from the simulated sample, so that they can be sent unchanged.
CustomerId = Annotated[Identifier, Field(examples=["C0000017"])]
TerminalId = Annotated[Identifier, Field(examples=["T0000003"])]
UserId = Annotated[Identifier, Field(examples=["U0000007"])]
ItemId = Annotated[Identifier, Field(examples=["I0000001"])]
EventTime = Annotated[
    datetime,
    AfterValidator(_in_this_century),
    Field(description="RFC 3339; UTC if no offset is given", examples=["2025-03-16T12:30:00Z"]),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TransactionIn(_Part):
    """One card transaction to score."""

    transaction_id: Identifier
    event_time: EventTime
    customer_id: CustomerId
    terminal_id: TerminalId
    amount: Annotated[float, BeforeValidator(_number)] = Field(
        ge=0, le=LARGEST_AMOUNT, examples=[57.16]
    )


class PredictRequest(_Part):
    """Transactions to score; the features of each include earlier ones of the same request."""

    transactions: tuple[TransactionIn, ...] = Field(min_length=1)


def requests_with(own: OwnColumns) -> tuple[type[TransactionIn], type[PredictRequest]]:
    """Return the models of the two forms of a scoring request, with a team's own columns.

    All own columns are required, so that a caller that omits one gets an error. A value may be
    null if the column's declaration keeps nulls.
    """
    if not own:
        return TransactionIn, PredictRequest
    fields: dict[str, Any] = {name: _own_field(column) for name, column in own.items()}
    one = create_model(
        TransactionIn.__name__, __base__=TransactionIn, __doc__=TransactionIn.__doc__, **fields
    )
    many = create_model(
        PredictRequest.__name__,
        __base__=PredictRequest,
        __doc__=PredictRequest.__doc__,
        transactions=(tuple[one, ...], Field(min_length=1)),
    )
    return one, many


def _own_field(column: OwnColumn) -> tuple[Any, Any]:
    kind, example = _OWN_TYPES[column.type]
    value: Any = kind if column.nulls == "refuse" else kind | None
    parsed = Annotated[value, BeforeValidator(partial(own_value, column.type))]
    return parsed, Field(description=column.description, examples=[example])


_OWN_TYPES: dict[OwnType, tuple[Any, Any]] = {
    "numeric": (float, 12.5),
    "boolean": (bool, True),
    "timestamp": (datetime, "2025-01-31T09:30:00Z"),
    "categorical": (str, "grocery"),
    "ip": (str, "203.0.113.7"),
    "email": (str, "user@example.com"),
    **dict.fromkeys(COORDINATES, (float, 12.5)),
}
"""The Python type of each type of own column, and an example value."""


def _one_or_many(body: object) -> str | None:
    if not isinstance(body, dict):
        return None
    return "many" if "transactions" in body else "one"


def one_or_many(own: OwnColumns) -> TypeAdapter[TransactionIn | PredictRequest]:
    """Return an adapter for the body of /predict: one transaction or a list of transactions."""
    one, many = requests_with(own)
    body: Any = Annotated[
        Annotated[one, Tag("one")] | Annotated[many, Tag("many")],
        Discriminator(_one_or_many),
    ]
    return TypeAdapter(body)


def example_of(own: OwnColumns) -> dict[str, Any]:
    """Return valid example values of these columns."""
    return {name: _OWN_TYPES[column.type][1] for name, column in own.items()}


UNION_TAGS = frozenset({"one", "many", "label", "outcome"})
"""pydantic's tags for the forms of a body; error locations contain them, but no body does."""


class ReasonOut(_Part):
    """A feature that raised the score, by its exact Shapley value in log-odds."""

    feature: str
    value: float
    contribution: float


FeatureState = Literal["fresh", "stale", "absent", "unavailable"]
HistoryState = Literal["known", "absent", "unavailable"]


class FeatureFreshness(_Part):
    """State of the card's and the terminal's history in the online store, and its age.

    While the online store is unavailable, the features are those of a card and a terminal without
    a history.
    """

    customer: FeatureState
    terminal: FeatureState
    age_seconds: float | None = Field(
        description="Age of the online store's newest event at the time of the transaction; null "
        "if the store is empty or unavailable"
    )


class Prediction(_Part):
    """The decision on one transaction."""

    transaction_id: str
    decision_id: str = Field(description="Key of the audit trail")
    score: float = Field(ge=0, le=1, description="Probability of fraud")
    is_alert: bool = Field(description="Whether the decision is to review or to decline")
    decision: Outcome
    decided_by: str = Field(
        description="score, or deny:, allow: or rule: with the name of the list or rule"
    )
    threshold: float = Field(description="Score from which on the policy's bands alert")
    model_version: str
    policy_version: str
    policy_hash: str = Field(description="SHA-256 of the decision policy")
    reasons: tuple[ReasonOut, ...]
    features: FeatureFreshness


class PredictResponse(_Part):
    """The decisions on the transactions, in the order of the request."""

    predictions: tuple[Prediction, ...]


class RecommendRequest(_Part):
    """The user to recommend to: a known user, or a user with the given likes."""

    user_id: UserId | None = None
    liked: tuple[ItemId, ...] | None = Field(
        default=None,
        max_length=1_000,
        description="Item ids; they replace the user's stored history",
    )
    exclude: tuple[ItemId, ...] = Field(default=(), max_length=1_000)
    n: int = Field(default=10, ge=1, le=100)


class RankedItem(_Part):
    """An item of a ranking."""

    item_id: str
    score: float


class RecommendResponse(_Part):
    """The best unseen items that the shop's rules allow, best first.

    ``source`` is popularity for a user without known likes, precomputed if the items are from the
    daily list of the same model, and otherwise hybrid. While the online store is unavailable, so is
    the ``history``: the user is treated as unknown and takes part in no A/B test.
    """

    user_id: str | None
    decision_id: str
    items: tuple[RankedItem, ...]
    source: Literal["hybrid", "popularity", "precomputed"]
    history: HistoryState
    model_version: str
    experiments: dict[str, str] = Field(description="The user's variant of each A/B test")


class SimilarRequest(_Part):
    """The item to find similar items for."""

    item_id: ItemId
    n: int = Field(default=10, ge=1, le=100)


class SimilarResponse(_Part):
    """The most similar items by cosine similarity, most similar first."""

    item_id: str
    items: tuple[RankedItem, ...]
    model_version: str


class LabelIn(_Part):
    """The label of a transaction."""

    kind: Literal["label"]
    transaction_id: Identifier
    is_fraud: bool
    event_time: EventTime


class OutcomeIn(_Part):
    """An action of a user on an item, whether it was recommended or not."""

    kind: Literal["outcome"]
    user_id: UserId
    item_id: ItemId
    action: Identifier = Field(
        description="rating, or an event type of the setting recommendations.events",
        examples=["purchase"],
    )
    rating: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None, description="Value of the action rating"
    )
    event_time: Annotated[EventTime, AfterValidator(_not_ahead)]
    decision_id: Identifier | None = None

    @model_validator(mode="after")
    def _rating_has_a_value(self) -> Self:
        if (self.action == RATING) != (self.rating is not None):
            raise ValueError("the action rating requires a rating, other actions forbid it")
        return self


_FeedbackEntry = Annotated[LabelIn | OutcomeIn, Field(discriminator="kind")]


class FeedbackRequest(_Part):
    """Labels of transactions and outcomes of recommendations."""

    feedback: tuple[_FeedbackEntry, ...] = Field(min_length=1)


def feedback_entry() -> TypeAdapter[LabelIn | OutcomeIn]:
    """Return an adapter for one label or outcome."""
    body: Any = _FeedbackEntry
    return TypeAdapter(body)


class FeedbackResponse(_Part):
    """The number of entries that were written to the log."""

    accepted: int


class Health(_Part):
    """Liveness of the process."""

    status: Literal["ok"] = "ok"


class Readiness(_Part):
    """Readiness for requests: the champion of each endpoint, and the online store's state."""

    status: Literal["ready"] = "ready"
    models: dict[str, str]
    online_store: Literal["answers", "away"]


class ErrorPart(_Part):
    """The location and reason of an error in a request."""

    at: str
    message: str


class ErrorDetail(_Part):
    """The reason why a request failed."""

    code: str
    message: str
    correlation_id: str
    details: tuple[ErrorPart, ...] = ()


class ErrorBody(_Part):
    """The body of the response to a failed request."""

    error: ErrorDetail
