"""Rules for the items that a shop may show: stock, categories, and diversity."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.config.recommendations import RuleSettings
from igniteflow_core.recommendations.ranking import NO_ITEM, top_k

POOL = 10
"""Size of the pool of a diversified list, as a multiple of the list's length."""


@dataclass(frozen=True)
class ShopRules:
    """The rules over one catalogue.

    Attributes:
        allowed: (items,) True for items that may be shown.
        categories: (items, categories) True if an item is of a category.
        max_per_category: maximum number of items of one category in a list; None for no limit.
    """

    allowed: NDArray[np.bool_]
    categories: NDArray[np.bool_]
    max_per_category: int | None

    def hide_forbidden(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores (users, items), with -inf for items that may not be shown."""
        return np.where(self.allowed, scores, np.float32(-np.inf))

    def pool_size(self, n: int) -> int:
        """The number of items that must be ranked for a list of n."""
        return n if self.max_per_category is None else POOL * n

    def diversify(self, ranked: NDArray[np.int64], n: int) -> NDArray[np.int64]:
        """Select n items of each ranked list that satisfy ``max_per_category``.

        In ranking order, an item is selected unless the list already has the maximum of one of its
        categories. If the pool has too few such items, the best of the others fill the end of the
        list.

        Args:
            ranked: (users, pool) positions, best first, ``NO_ITEM`` at the end.
            n: the length of the lists.

        Returns:
            (users, n) positions, ``NO_ITEM`` at the end of a list that the pool cannot fill.
        """
        if self.max_per_category is None:
            return ranked[:, :n]
        users, pool = ranked.shape
        used = np.zeros((users, self.categories.shape[1]), dtype=np.int64)
        taken = np.zeros((users, pool), dtype=bool)
        for place in range(pool):
            item = ranked[:, place]
            of_item = self.categories[np.maximum(item, 0)]
            full = (of_item & (used >= self.max_per_category)).any(axis=1)
            taken[:, place] = (item != NO_ITEM) & ~full & (taken.sum(axis=1) < n)
            used += of_item & taken[:, place : place + 1]
        # Selected items come first, then the others, each in ranking order; empty places are last.
        part = np.where(ranked == NO_ITEM, 2, np.where(taken, 0, 1))
        order = np.argsort(part, axis=1, kind="stable")[:, :n]
        return np.take_along_axis(ranked, order, axis=1)


def best_items(scores: NDArray[np.float32], n: int, rules: ShopRules | None) -> NDArray[np.int64]:
    """(users, n) positions of the best items that may be shown, as ``top_k`` ranks them.

    Args:
        scores: (users, items); -inf is never ranked.
        n: the length of the lists.
        rules: rules for the same catalogue; None to allow all items.
    """
    if rules is None:
        return top_k(scores, n)
    return rules.diversify(top_k(rules.hide_forbidden(scores), rules.pool_size(n)), n)


def shop_rules(items: pa.Table, item_ids: NDArray[np.str_], settings: RuleSettings) -> ShopRules:
    """The rules of the settings over a catalogue.

    Args:
        items: the ITEMS table, one row per item; it may have more items than the catalogue. Items
            of the catalogue that are missing in it are no longer sold, and not allowed.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: settings of the rules.
    """
    place = pc.index_in(pa.array(item_ids.tolist(), pa.string()), value_set=items["item_id"])
    rows = items.select(["categories", "in_stock"]).take(place)
    of_item = [set(value or []) for value in rows["categories"].to_pylist()]
    names = sorted(set().union(*of_item))
    column = {name: at for at, name in enumerate(names)}
    categories = np.zeros((len(item_ids), len(names)), dtype=bool)
    for row, chosen in enumerate(of_item):
        categories[row, [column[name] for name in chosen]] = True
    excluded = [column[name] for name in settings.excluded_categories if name in column]
    in_stock = pc.fill_null(rows["in_stock"], True).to_numpy()
    is_sold = pc.is_valid(place).to_numpy(zero_copy_only=False)
    return ShopRules(
        allowed=in_stock & is_sold & ~categories[:, excluded].any(axis=1),
        categories=categories,
        max_per_category=settings.max_per_category,
    )


def rules_one_by_one(
    items: pa.Table, item_ids: NDArray[np.str_], settings: RuleSettings
) -> dict[str, ShopRules]:
    """The cumulative rules of the settings, by the name of the last one that was added.

    Args:
        As ``shop_rules``.
    """
    steps = {"in stock": RuleSettings()}
    if settings.excluded_categories:
        excluded = RuleSettings(excluded_categories=settings.excluded_categories)
        steps["and no excluded category"] = excluded
    if settings.max_per_category is not None:
        steps[f"and at most {settings.max_per_category} of a category"] = settings
    return {name: shop_rules(items, item_ids, each) for name, each in steps.items()}
