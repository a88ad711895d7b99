"""The models that the hybrid blends."""

from dataclasses import dataclass
from typing import Final

from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.popularity import PopularityModel

ProductMember = PopularityModel | ContentModel | AlsRanker
"""A member whose score is the product of a user's vector and an item's."""

Member = ProductMember | ItemItemModel

MEMBER_NAMES: Final = ("popularity", "content", "als", "item_item")


@dataclass(frozen=True)
class Members:
    """The fitted models that are blended, all over one catalogue."""

    popularity: PopularityModel
    content: ContentModel
    als: AlsRanker
    item_item: ItemItemModel

    def all(self) -> tuple[Member, ...]:
        """The members in the order of ``MEMBER_NAMES`` and of the blend's weights."""
        return (self.popularity, self.content, self.als, self.item_item)
