"""Contracts of the recommendation tables: ratings, events, users, items and derived tables."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.quarantine import quarantine_of

_USER = Column(name="user_id", type="string", description="User who rates")
_ITEM = Column(name="item_id", type="string", description="Item that is rated")

RATINGS = TableContract(
    name="ratings",
    description="Explicit ratings, the latest one of each user and item",
    columns=(
        _USER,
        _ITEM,
        Column(name="rating", type="double", unit="stars", description="More is better"),
        Column(
            name="event_time",
            type="timestamp",
            unit="UTC",
            nullable=True,
            description="Time of the rating; null if the source does not have it",
        ),
    ),
    key=("user_id", "item_id"),
)

QUARANTINED_RATINGS = quarantine_of(RATINGS)

EVENTS = TableContract(
    name="events",
    description="Implicit feedback: items that users viewed, put into the cart, bought",
    columns=(
        _USER,
        _ITEM,
        Column(name="event_type", type="string", description="Such as view, cart or purchase"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it happened"),
    ),
    key=("user_id", "item_id", "event_type", "event_time"),
)

QUARANTINED_EVENTS = quarantine_of(EVENTS)

USERS = TableContract(
    name="users",
    description="Users who rate",
    columns=(
        _USER,
        Column(
            name="segment",
            type="string",
            nullable=True,
            description="Segment in the source",
        ),
    ),
    key=("user_id",),
)

ITEMS = TableContract(
    name="items",
    description="The catalogue",
    columns=(
        _ITEM,
        Column(name="title", type="string", nullable=True, description="Displayed name"),
        Column(name="categories", type="array<string>", description="Genres or departments"),
        Column(
            name="in_stock",
            type="boolean",
            nullable=True,
            description="False for items that must not be recommended now; null counts as true",
        ),
    ),
    key=("item_id",),
)

QUARANTINED_USERS = quarantine_of(USERS)
QUARANTINED_ITEMS = quarantine_of(ITEMS)

INTERACTIONS = TableContract(
    name="interactions",
    description="Implicit feedback from ratings and events: liked items and their weights",
    columns=(
        _USER,
        _ITEM,
        Column(name="weight", type="double", description="Strength of the preference, above 0"),
        Column(
            name="event_time",
            type="timestamp",
            unit="UTC",
            nullable=True,
            description="Time of the feedback; null if the source does not have it",
        ),
    ),
    key=("user_id", "item_id"),
)

RECOMMENDATIONS = TableContract(
    name="recommendations",
    description="The best unseen items of each user",
    columns=(
        _USER,
        Column(name="rank", type="int", description="1 for the best"),
        _ITEM,
        Column(name="score", type="double", description="Score of the model, comparable per user"),
        Column(
            name="source",
            type="string",
            description="hybrid, or popularity for a user without a liked item",
        ),
        Column(name="model_version", type="string", description="Registry version that ranked it"),
    ),
    key=("user_id", "rank"),
)

SIMILAR_ITEMS = TableContract(
    name="similar_items",
    description="The most similar items of each item, by likes and by content",
    columns=(
        _ITEM,
        Column(name="rank", type="int", description="1 for the most alike"),
        Column(name="similar_item_id", type="string", description="The similar item"),
        Column(name="score", type="double", description="Cosine, at most 1"),
        Column(name="model_version", type="string", description="Registry version that ranked it"),
    ),
    key=("item_id", "rank"),
)

BECAUSE_YOU_LIKED = TableContract(
    name="because_you_liked",
    description="Unseen items similar to the item that each user liked most",
    columns=(
        _USER,
        Column(name="liked_item_id", type="string", description="The liked item"),
        Column(name="rank", type="int", description="1 for the most alike"),
        _ITEM,
        Column(name="score", type="double", description="Cosine, at most 1"),
        Column(name="model_version", type="string", description="Registry version that ranked it"),
    ),
    key=("user_id", "rank"),
)
