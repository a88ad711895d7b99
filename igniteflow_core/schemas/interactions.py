"""Contracts of the recommendation tables: ratings, users, items and what is made of them."""

from igniteflow_core.schemas.contract import Column, TableContract

_USER = Column(name="user_id", type="string", description="Person who rates")
_ITEM = Column(name="item_id", type="string", description="Thing that is rated")

RATINGS = TableContract(
    name="ratings",
    description="Explicit ratings, the latest one of each user and item",
    columns=(
        _USER,
        _ITEM,
        Column(name="rating", type="double", unit="stars", description="1 (worst) to 5 (best)"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it was given"),
    ),
    key=("user_id", "item_id"),
)

QUARANTINED_RATINGS = TableContract(
    name="quarantined_ratings",
    description="Delivered ratings that are not in ratings, with every reason why",
    columns=(
        *(
            Column(name=name, type="string", nullable=True, description=f"{name}, as delivered")
            for name in RATINGS.column_names
        ),
        Column(name="source_file", type="string", description="File the row came from"),
        Column(
            name="reasons",
            type="array<string>",
            description="Names of the rules that the row breaks",
        ),
    ),
    key=(),
)

USERS = TableContract(
    name="users",
    description="People who rate",
    columns=(
        _USER,
        Column(
            name="segment",
            type="string",
            nullable=True,
            description="Group in the source",
        ),
    ),
    key=("user_id",),
)

ITEMS = TableContract(
    name="items",
    description="The catalogue",
    columns=(
        _ITEM,
        Column(name="title", type="string", nullable=True, description="Name shown to people"),
        Column(name="categories", type="array<string>", description="Genres or departments"),
    ),
    key=("item_id",),
)

INTERACTIONS = TableContract(
    name="interactions",
    description="Implicit feedback made from ratings: who liked what, how strongly",
    columns=(
        _USER,
        _ITEM,
        Column(name="weight", type="double", description="Strength of the preference, above 0"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it happened"),
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
