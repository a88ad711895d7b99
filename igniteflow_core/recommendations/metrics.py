"""Ranking metrics of single users, with binary relevance; all vectorised over users.

Every function takes ``ranked``, (users, k) catalogue positions with ``NO_ITEM`` at the end of short
lists, and ``relevant``, a (users, items) matrix whose stored cells are the held-out likes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.matrix import history_sizes
from igniteflow_core.recommendations.ranking import NO_ITEM


def hits(ranked: NDArray[np.int64], relevant: sparse.csr_array) -> NDArray[np.float64]:
    """(users, k) 1 where the ranked item is relevant, else 0."""
    items = relevant.shape[1]
    rows = np.repeat(np.arange(relevant.shape[0], dtype=np.int64), history_sizes(relevant))
    cells = np.arange(len(ranked), dtype=np.int64)[:, None] * items + ranked
    found = np.isin(cells, rows * items + relevant.indices)
    return np.asarray(found & (ranked != NO_ITEM), dtype=np.float64)


def rank_discounts(k: int) -> NDArray[np.float64]:
    """(k,) ``1 / log2(rank + 1)`` for the ranks 1 to k."""
    return np.asarray(1.0 / np.log2(np.arange(2, k + 2)))


def ideal_dcg(relevant_counts: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """(users,) DCG@k of a perfect list: all of min(k, relevant) relevant items first."""
    cumulative = np.concatenate([[0.0], np.cumsum(rank_discounts(k))])
    return np.asarray(cumulative[np.minimum(relevant_counts, k)])


def ndcg(hit: NDArray[np.float64], relevant_counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(users,) normalised discounted cumulative gain at k = the width of ``hit``.

    ``DCG = sum hit / log2(rank + 1)``, divided by the DCG of a perfect list of k (Järvelin and
    Kekäläinen, 2002). Users need at least one relevant item.
    """
    k = hit.shape[1]
    return np.asarray(hit @ rank_discounts(k) / ideal_dcg(relevant_counts, k))


def average_precision(
    hit: NDArray[np.float64], relevant_counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(users,) average precision at k, whose mean is MAP@k.

    The precision at the rank of each hit, summed and divided by min(k, relevant items), so that a
    perfect list scores 1 (Manning, Raghavan and Schütze, 2008, cut at k).
    """
    k = hit.shape[1]
    precision_at_rank = np.cumsum(hit, axis=1) / np.arange(1, k + 1)
    return np.asarray((precision_at_rank * hit).sum(axis=1) / np.minimum(relevant_counts, k))


def precision(hit: NDArray[np.float64]) -> NDArray[np.float64]:
    """(users,) share of the k places that hold a relevant item; empty places count as misses."""
    return np.asarray(hit.mean(axis=1))


def recall(hit: NDArray[np.float64], relevant_counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(users,) share of the relevant items that are among the k."""
    return np.asarray(hit.sum(axis=1) / relevant_counts)


def novelty(
    ranked: NDArray[np.int64], item_users: NDArray[np.int64], users: int
) -> NDArray[np.float64]:
    """(users,) mean self-information of the listed items in bits (Zhou et al., 2010).

    ``-log2`` of the share of users who like the item, with one user added to every item so that an
    item without likes has a finite novelty. NaN for an empty list.

    Args:
        ranked: (users, k) positions.
        item_users: (items,) training users who like the item.
        users: number of training users.
    """
    information = -np.log2((item_users + 1.0) / (users + 1.0))
    listed = ranked != NO_ITEM
    total = np.where(listed, information[np.maximum(ranked, 0)], 0.0).sum(axis=1)
    count = listed.sum(axis=1)
    mean = np.divide(total, count, out=np.full(len(ranked), np.nan), where=count > 0)
    return np.asarray(mean)


def diversity(ranked: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """(users,) intra-list diversity: 1 minus the mean cosine of two listed items (Ziegler et al.,
    2005, "Improving Recommendation Lists Through Topic Diversification").

    NaN for a list of fewer than two items that have content.

    Args:
        ranked: (users, k) positions.
        vectors: (items, dimensions) content of unit length, zeros for none.
    """
    described = (ranked != NO_ITEM) & np.any(vectors, axis=1)[np.maximum(ranked, 0)]
    listed = np.where(described[:, :, None], vectors[np.maximum(ranked, 0)], 0.0)
    count = described.sum(axis=1)
    # The squared length of the sum counts each pair twice, and each item with itself once.
    pairs = (listed.sum(axis=1) ** 2).sum(axis=1) - count
    number = count * (count - 1)
    cosine = np.divide(pairs, number, out=np.full(len(ranked), np.nan), where=number > 0)
    return np.asarray(1.0 - cosine, dtype=np.float64)


def catalogue_coverage(ranked: NDArray[np.int64], items: int) -> float:
    """Share of the catalogue that is recommended to at least one user."""
    return len(np.unique(ranked[ranked != NO_ITEM])) / items
