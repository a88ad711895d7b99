"""Similar items: liked by the same users, or with similar content."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.ranking import NO_ITEM, top_k

FACTOR_SHARE = 0.7
"""Share of the ALS factors in a vector's squared length; content has the rest."""

BLOCK_ITEMS = 512


@dataclass(frozen=True)
class SimilarItems:
    """The most similar items of each item of a catalogue.

    Attributes:
        items: (items, n) positions, most similar first, ``NO_ITEM`` at the end of short lists.
        scores: (items, n) cosines, NaN at the end of short lists.
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float32]


def item_embeddings(recommender: HybridRecommender) -> NDArray[np.float32]:
    """(items, rank + dimensions) of unit length: ALS factors, placed ones too, beside content.

    The vector is 0 for an item without both; an item with only one of the parts has that part
    alone.
    """
    factors = _unit(np.nan_to_num(recommender.members.als.item_factors))
    content = recommender.members.content.vectors
    return _unit(np.hstack([np.sqrt(FACTOR_SHARE) * factors, np.sqrt(1 - FACTOR_SHARE) * content]))


def find_similar_items(
    recommender: HybridRecommender, n: int, allowed: NDArray[np.bool_] | None = None
) -> SimilarItems:
    """The n most similar other items of each item, computed in blocks of items.

    Args:
        recommender: recommender with the catalogue, factors and content.
        n: length of the lists.
        allowed: (items,) True for items that may be listed, such as ``ShopRules.allowed``; None for
            all.
    """
    vectors = item_embeddings(recommender)
    known = np.asarray(np.any(vectors, axis=1))
    hidden = ~known if allowed is None else ~(known & allowed)
    items = np.full((len(vectors), n), NO_ITEM, dtype=np.int64)
    scores = np.full((len(vectors), n), np.nan, dtype=np.float32)
    for start in range(0, len(vectors), BLOCK_ITEMS):
        block = np.flatnonzero(known[start : start + BLOCK_ITEMS]) + start
        alike = vectors[block] @ vectors.T
        alike[:, hidden] = -np.inf
        alike[np.arange(len(block)), block] = -np.inf
        items[block] = top_k(alike, n)
        listed = np.take_along_axis(alike, np.maximum(items[block], 0), axis=1)
        scores[block] = np.where(items[block] == NO_ITEM, np.nan, listed)
    return SimilarItems(items, scores)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1.0), dtype=np.float32)
