"""Turning scores into ranked lists."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NO_ITEM = -1
"""Fills the end of a list where fewer items can be ranked than were asked for."""


def hide_seen(scores: NDArray[np.float32], seen: sparse.csr_array) -> NDArray[np.float32]:
    """A copy of (users, items) scores with -inf where an item was seen or has no score (NaN)."""
    visible = np.where(np.isnan(scores), -np.inf, scores).astype(np.float32)
    rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    visible[rows, seen.indices] = -np.inf
    return visible


def top_k(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The positions of the k best scores of each row, best first.

    Equal scores are ordered by position, which in a sorted catalogue is the order of item ids.

    Args:
        scores: (users, items); -inf is never ranked.
        k: the length of the lists, at least 1.

    Returns:
        (users, k) positions, ``NO_ITEM`` after the last item that can be ranked.
    """
    users, items = scores.shape
    kept = min(k, items)
    best = np.argpartition(scores, items - kept, axis=1)[:, items - kept :]
    values = np.take_along_axis(scores, best, axis=1)
    last = values.min(axis=1, keepdims=True)
    # argpartition picks among items tied at the last place as it likes: choose again in such rows.
    torn = (scores == last).sum(axis=1) > (values == last).sum(axis=1)
    for row in np.flatnonzero(torn & np.isfinite(last[:, 0])):
        above = np.flatnonzero(scores[row] >= last[row])
        order = np.argsort(-scores[row, above], kind="stable")[:kept]
        best[row] = above[order]
    best.sort(axis=1)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.full((users, k), NO_ITEM, dtype=np.int64)
    ranked[:, :kept] = np.where(
        np.isneginf(np.take_along_axis(values, order, axis=1)),
        NO_ITEM,
        np.take_along_axis(best, order, axis=1),
    )
    return ranked
