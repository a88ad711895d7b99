"""Requests and answers of the API."""

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
from igniteflow_core.schemas.own_columns import COORDINATES, OwnColumn, OwnColumns, OwnType
from igniteflow_core.values.own import own_value
from igniteflow_core.values.python import is_identifier, number, text
from igniteflow_core.values.rules import LARGEST_AMOUNT, LONGEST_ID

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_CLOCKS_DIFFER: Final = timedelta(minutes=5)


def _in_this_century(time: datetime) -> datetime:
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    # Compared before it is converted: an offset can lead out of the years that a datetime can hold.
    if not _EARLIEST <= time < _LATEST:
        raise ValueError("the time must lie between the years 2000 and 2100")
    return time.astimezone(UTC)


def _not_ahead(time: datetime) -> datetime:
    # Events count less the older they are than the newest one, so one of the future would void all.
    if time > datetime.now(UTC) + _CLOCKS_DIFFER:
        raise ValueError("the time lies in the future")
    return time


def _identifier(value: object) -> str:
    trimmed = None if isinstance(value, bool) else text(value)
    if trimmed is None or not is_identifier(trimmed):
        raise ValueError(
            f"an id is 1 to {LONGEST_ID} characters, or a number, without control characters; "
            "NULL, N/A, nan and the like are none"
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
# Examples are of the simulated sample, so that they can be tried as they stand.
CustomerId = Annotated[Identifier, Field(examples=["C0000017"])]
TerminalId = Annotated[Identifier, Field(examples=["T0000003"])]
UserId = Annotated[Identifier, Field(examples=["U0000007"])]
ItemId = Annotated[Identifier, Field(examples=["I0000001"])]
EventTime = Annotated[
    datetime,
    AfterValidator(_in_this_century),
    Field(description="RFC 3339; UTC where no offset is given", examples=["2025-03-16T12:30:00Z"]),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TransactionIn(_Part):
    """One card transaction to be scored."""

    transaction_id: Identifier
    event_time: EventTime
    customer_id: CustomerId
    terminal_id: TerminalId
    amount: Annotated[float, BeforeValidator(_number)] = Field(
        ge=0, le=LARGEST_AMOUNT, examples=[57.16]
    )


class PredictRequest(_Part):
    """Transactions to be scored; each sees those before it in the same request."""

    transactions: tuple[TransactionIn, ...] = Field(min_length=1)


def requests_with(own: OwnColumns) -> tuple[type[TransactionIn], type[PredictRequest]]:
    """The two forms of a request to score, with a team's own columns.

    Each of them has to be there, so that a caller that forgets one gets an error; it may be null
    where its declaration keeps nulls.
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
    "email": (str, "somebody@example.com"),
    **dict.fromkeys(COORDINATES, (float, 12.5)),
}
"""The type in Python of each type of own column, and an example."""


def _one_or_many(body: object) -> str | None:
    if not isinstance(body, dict):
        return None
    return "many" if "transactions" in body else "one"


def one_or_many(own: OwnColumns) -> TypeAdapter[TransactionIn | PredictRequest]:
    """The body of /predict: a transaction, or a list of them."""
    one, many = requests_with(own)
    body: Any = Annotated[
        Annotated[one, Tag("one")] | Annotated[many, Tag("many")],
        Discriminator(_one_or_many),
    ]
    return TypeAdapter(body)


def example_of(own: OwnColumns) -> dict[str, Any]:
    """Values of these columns that would be taken."""
    return {name: _OWN_TYPES[column.type][1] for name, column in own.items()}


UNION_TAGS = frozenset({"one", "many", "label", "outcome"})
"""What the type checker calls the forms of a body, which is no part of any body."""


class ReasonOut(_Part):
    """A feature that raised the score, by its exact Shapley value in log-odds."""

    feature: str
    value: float
    contribution: float


FeatureState = Literal["fresh", "stale", "absent", "unavailable"]
HistoryState = Literal["known", "absent", "unavailable"]


class FeatureFreshness(_Part):
    """Whether the features stand on a history: of the card, of the terminal, and how old it is.

    They are unavailable while the online store is away, and then as of a card and a terminal that
    nothing is known of.
    """

    customer: FeatureState
    terminal: FeatureState
    age_seconds: float | None = Field(
        description="How long before the event the online store ends; null if it is empty or away"
    )


class Prediction(_Part):
    """The decision on one transaction."""

    transaction_id: str
    decision_id: str = Field(description="Key of the audit trail")
    score: float = Field(ge=0, le=1, description="Probability of fraud")
    is_alert: bool
    threshold: float
    model_version: str
    reasons: tuple[ReasonOut, ...]
    features: FeatureFreshness


class PredictResponse(_Part):
    """A decision on each transaction, in the order of the request."""

    predictions: tuple[Prediction, ...]


class RecommendRequest(_Part):
    """Whom to recommend to: a known user, or somebody with these likes."""

    user_id: UserId | None = None
    liked: tuple[ItemId, ...] | None = Field(
        default=None,
        max_length=1_000,
        description="Item ids; they take the place of the history that is stored for the user",
    )
    exclude: tuple[ItemId, ...] = Field(default=(), max_length=1_000)
    n: int = Field(default=10, ge=1, le=100)


class RankedItem(_Part):
    """An item, best first."""

    item_id: str
    score: float


class RecommendResponse(_Part):
    """The best unseen items that the shop's rules allow.

    ``source`` is popularity for somebody without a known like, precomputed where the day's list of
    the same model answers, else hybrid. While the online store is away the ``history`` is
    unavailable: a user is answered as somebody who is not known, and takes part in no A/B test.
    """

    user_id: str | None
    decision_id: str
    items: tuple[RankedItem, ...]
    source: Literal["hybrid", "popularity", "precomputed"]
    history: HistoryState
    model_version: str
    experiments: dict[str, str] = Field(description="The user's variant of each A/B test")


class SimilarRequest(_Part):
    """Which item to find the like of."""

    item_id: ItemId
    n: int = Field(default=10, ge=1, le=100)


class SimilarResponse(_Part):
    """The most alike items by cosine, most alike first."""

    item_id: str
    items: tuple[RankedItem, ...]
    model_version: str


class LabelIn(_Part):
    """What a transaction turned out to be."""

    kind: Literal["label"]
    transaction_id: Identifier
    is_fraud: bool
    event_time: EventTime


class OutcomeIn(_Part):
    """What a user did with an item, be it a recommended one or not."""

    kind: Literal["outcome"]
    user_id: UserId
    item_id: ItemId
    action: Identifier = Field(
        description="rating, or a type of event in recommendations.events of the settings",
        examples=["purchase"],
    )
    rating: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None, description="Of the action rating"
    )
    event_time: Annotated[EventTime, AfterValidator(_not_ahead)]
    decision_id: Identifier | None = None

    @model_validator(mode="after")
    def _rating_has_a_value(self) -> Self:
        if (self.action == RATING) != (self.rating is not None):
            raise ValueError("the action rating has a rating, and no other action has one")
        return self


_FeedbackEntry = Annotated[LabelIn | OutcomeIn, Field(discriminator="kind")]


class FeedbackRequest(_Part):
    """Labels of transactions and outcomes of recommendations."""

    feedback: tuple[_FeedbackEntry, ...] = Field(min_length=1)


def feedback_entry() -> TypeAdapter[LabelIn | OutcomeIn]:
    """Reads one label or outcome."""
    body: Any = _FeedbackEntry
    return TypeAdapter(body)


class FeedbackResponse(_Part):
    """How many were written to the log."""

    accepted: int


class Health(_Part):
    """The process runs."""

    status: Literal["ok"] = "ok"


class Readiness(_Part):
    """Requests can be answered: by what, and whether with the online store or without it."""

    status: Literal["ready"] = "ready"
    models: dict[str, str]
    online_store: Literal["answers", "away"]


class ErrorPart(_Part):
    """Where a request is wrong, and why."""

    at: str
    message: str


class ErrorDetail(_Part):
    """Why there is no answer."""

    code: str
    message: str
    correlation_id: str
    details: tuple[ErrorPart, ...] = ()


class ErrorBody(_Part):
    """The answer to every request that fails."""

    error: ErrorDetail
