"""Settings of the recommendation models and of the rules for the items that are shown."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.search import SearchSettings


class AlsSettings(SettingsGroup):
    """Spark's alternating least squares on implicit feedback.

    ``alpha`` is the confidence that a like of average weight adds, so that it means the same on any
    scale of stars and with any weights of events. More than 8 iterations are checkpointed, where
    ``spark.checkpoint.dir`` says.
    """

    rank: int = Field(default=32, ge=1)
    max_iter: int = Field(default=8, ge=1)
    reg_param: float = Field(default=0.2, gt=0)
    alpha: float = Field(default=1.0, gt=0)
    blocks: int = Field(default=2, ge=1)


RATING: Final = "rating"
"""The action of an outcome that carries a rating; it is not an event type."""


class EventSettings(SettingsGroup):
    """How implicit events are turned into preferences.

    ``weights`` maps each event type to the preference that one event adds. Events of the types
    ``dislikes`` count like a low rating: the item counts as seen, and not as liked. An event of
    another type is quarantined. The weight of an event halves every ``half_life_days``; None turns
    the decay off.
    """

    weights: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=lambda: {
            "view": 1.0,
            "click": 1.0,
            "cart": 3.0,
            "like": 5.0,
            "purchase": 5.0,
        }
    )
    dislikes: tuple[str, ...] = ("hide", "dismiss")
    half_life_days: float | None = Field(default=60.0, gt=0)

    @model_validator(mode="after")
    def _each_type_once(self) -> Self:
        if both := sorted({*self.weights} & {*self.dislikes}):
            raise ValueError(f"{both[0]} is both in weights and in dislikes")
        if RATING in self.types:
            raise ValueError(f"{RATING} is not an event type, because a rating has a value")
        return self

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that an event may have."""
        return (*self.weights, *self.dislikes)


class PopularitySettings(SettingsGroup):
    """Recent popularity, overall and in the user's segment.

    The weight of a like halves every ``half_life_days``; None turns the decay off. ``smoothing`` is
    the number of prior likes of every item. ``segment_prior`` is the number of prior likes of a
    segment, distributed over the items like the likes of all users.
    """

    half_life_days: float | None = Field(default=90.0, gt=0)
    smoothing: float = Field(default=1.0, gt=0)
    segment_prior: float = Field(default=1_000.0, gt=0)


class ContentSettings(SettingsGroup):
    """Item vectors from categories and titles.

    ``category_share`` is the share of a vector's squared length that the categories get where an
    item has both; ``dimensions`` is the length of the vectors after latent semantic analysis;
    ``placement_l2`` is the ridge penalty of placing a new item among the ALS factors.
    """

    category_share: float = Field(default=0.7, ge=0, le=1)
    max_title_terms: int = Field(default=20_000, ge=1)
    dimensions: int = Field(default=64, ge=1)
    placement_l2: float = Field(default=30.0, gt=0)


class ItemItemSettings(SettingsGroup):
    """EASE on the ``max_items`` most liked items: it inverts a matrix of that size."""

    max_items: int = Field(default=5_000, ge=1)
    l2: float = Field(default=300.0, gt=0)


class BlendSettings(SettingsGroup):
    """How the members' weights are learned.

    Members are fitted once more without ``holdout_share`` of the likes, on the likes of at most
    ``train_users`` users, and weighted by the held-out likes of at most ``max_users`` of them: on
    whole histories, and for new users on histories truncated to each of ``history_sizes``. The more
    likes are held out, the more these members differ from the final ones, which are fitted on all.
    """

    holdout_share: float = Field(default=0.15, gt=0, lt=1)
    history_sizes: tuple[int, ...] = (1, 3, 10)
    train_users: int = Field(default=20_000, ge=1)
    max_users: int = Field(default=1_000, ge=1)


class RuleSettings(SettingsGroup):
    """Which items may be shown: items that are out of stock never are.

    ``excluded_categories`` are not shown at all. A list has at most ``max_per_category`` items of a
    category, as long as there are items of others; None means no limit.
    """

    excluded_categories: tuple[str, ...] = ()
    max_per_category: int | None = Field(default=None, ge=1)


class RecommendationSettings(SettingsGroup):
    """``positive_rating`` is the lowest rating that counts as liking an item.

    With ``preference`` "binary" every like has the weight 1, with "weighted" a higher rating and a
    rarer event have a larger one. ``split`` selects the test set: the same share of each user's
    likes, or the likes of the last days. With ``explicit_als`` the evaluation also fits ALS on the
    ratings, and reports the error of its predictions.
    """

    positive_rating: float = 3.0
    preference: Literal["binary", "weighted"] = "weighted"
    split: Literal["stratified", "time"] = "stratified"
    holdout_share: float = Field(default=0.25, gt=0, lt=1)
    top_n: int = Field(default=10, ge=1)
    similar_n: int = Field(default=20, ge=1)
    explicit_als: bool = False
    events: EventSettings = EventSettings()
    popularity: PopularitySettings = PopularitySettings()
    rules: RuleSettings = RuleSettings()
    seed: int = 7
    als: AlsSettings = AlsSettings()
    content: ContentSettings = ContentSettings()
    item_item: ItemItemSettings = ItemItemSettings()
    blend: BlendSettings = BlendSettings()
    search: SearchSettings = SearchSettings()
