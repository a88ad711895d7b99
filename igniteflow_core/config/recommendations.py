"""Settings of the recommendation models and of what is shown to a user."""

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup


class AlsSettings(SettingsGroup):
    """Spark's alternating least squares on implicit feedback.

    More than 8 iterations need ``spark.checkpoint.dir`` in the Spark settings.
    """

    rank: int = Field(default=16, ge=1)
    max_iter: int = Field(default=6, ge=1)
    reg_param: float = Field(default=0.5, gt=0)
    alpha: float = Field(default=2.0, gt=0)
    blocks: int = Field(default=2, ge=1)


class ContentSettings(SettingsGroup):
    """Item vectors from categories and titles.

    ``category_share`` is the share of a vector's squared length that the categories get where an
    item has both; ``dimensions`` is the length of the vectors after latent semantic analysis;
    ``placement_l2`` is the ridge penalty of placing a new item among the ALS factors.
    """

    category_share: float = Field(default=0.7, ge=0, le=1)
    max_title_terms: int = Field(default=20_000, ge=1)
    dimensions: int = Field(default=64, ge=1)
    placement_l2: float = Field(default=1.0, gt=0)


class ItemItemSettings(SettingsGroup):
    """EASE on the ``max_items`` most liked items: it inverts a matrix of that size."""

    max_items: int = Field(default=5_000, ge=1)
    l2: float = Field(default=300.0, gt=0)


class BlendSettings(SettingsGroup):
    """How the members' weights are learned.

    Weights are learned on whole histories, and for new users on histories cut to each of
    ``history_sizes``, from at most ``max_users`` validation users.
    """

    history_sizes: tuple[int, ...] = (1, 3, 10)
    max_users: int = Field(default=1_000, ge=1)


class RecommendationSettings(SettingsGroup):
    """``positive_rating`` is the lowest rating that counts as liking an item."""

    positive_rating: float = 3.0
    holdout_share: float = Field(default=0.25, gt=0, lt=1)
    top_n: int = Field(default=10, ge=1)
    popularity_smoothing: float = Field(default=1.0, gt=0)
    seed: int = 7
    als: AlsSettings = AlsSettings()
    content: ContentSettings = ContentSettings()
    item_item: ItemItemSettings = ItemItemSettings()
    blend: BlendSettings = BlendSettings()
