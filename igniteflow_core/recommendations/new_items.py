"""Scoring of new items: predicting the hybrid's later score from content."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.blend import Blend
from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.matrix import Segments, user_blocks
from igniteflow_core.recommendations.members import MEMBER_NAMES, Members
from igniteflow_core.recommendations.placement import place_in_factors, place_in_item_item

HIDDEN_SHARE = 0.1
"""Share of the liked items with content that are treated as if they were new."""


def draw_hidden_items(members: Members, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The liked items (items,) with content that are treated as new."""
    possible = np.flatnonzero(members.popularity.covered & members.content.covered)
    hidden = np.zeros(len(members.popularity.counts), dtype=bool)
    hidden[rng.permutation(possible)[: int(HIDDEN_SHARE * len(possible))]] = True
    return hidden


def without_items(
    members: Members, hidden: NDArray[np.bool_], histories: sparse.csr_array, placement_l2: float
) -> Members:
    """The members as if the hidden items had no likes; they are placed as new items.

    The fitted parameters of the other items are unchanged.

    Args:
        members: fitted members.
        hidden: (items,) result of ``draw_hidden_items``.
        histories: (users, items) likes without those of the hidden items.
        placement_l2: ridge penalty of placing new items.
    """
    vectors = members.content.vectors
    lost = members.als.item_factors[hidden].astype(np.float64)
    factors = np.where(hidden[:, None], np.nan, members.als.item_factors).astype(np.float32)
    als = replace(members.als, item_factors=factors, gram=members.als.gram - lost.T @ lost)
    popularity = replace(
        members.popularity,
        counts=np.where(hidden, 0.0, members.popularity.counts),
        segment_counts=np.where(hidden, 0.0, members.popularity.segment_counts),
    )
    left = np.flatnonzero(~hidden[members.item_item.head])
    item_item = ItemItemModel(
        members.item_item.head[left],
        members.item_item.similarity[np.ix_(left, left)],
        members.item_item.items,
    )
    return replace(
        members,
        popularity=popularity,
        als=place_in_factors(als, vectors, placement_l2),
        item_item=place_in_item_item(
            item_item, ~popularity.covered, histories, vectors, placement_l2
        ),
    )


def new_item_coefficients(
    aware: Blend,
    unaware: Blend,
    histories: sparse.csr_array,
    segments: Segments,
    shares: NDArray[np.float64],
    hidden: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Fit the score of a new item from the standardised scores of the members that place it.

    The likes of the hidden items are removed from the histories. The members have equal weights,
    each scaled to the same spread over the hidden items: shares that were fitted on the ranking of
    these few items were noise, and ranked other new items worse. The mean is fitted by least
    squares to the score that the blend gives the hidden items when it knows their likes. The less
    content explains, the more the fit shrinks, so a new item gets the expected score of the blend
    once it has likes.

    Args:
        aware: blend of the fitted members, which know the hidden items.
        unaware: blend of the same members ``without_items``.
        histories: (users, items) likes.
        segments: segments of the users.
        shares: (members,) shares of the blend.
        hidden: (items,) result of ``draw_hidden_items``.

    Returns:
        (members,) intercept, then the coefficients of the members except popularity; zeros (the
        score of an average item) if nothing is hidden.
    """
    if not hidden.any():
        return np.zeros(len(MEMBER_NAMES))
    reduced = without_likes(histories, hidden)
    evidence, truth = [], []
    for rows in user_blocks(reduced):
        block = reduced[rows]
        of_block = None if segments is None else segments[rows]
        known = np.tile(shares.astype(np.float32), (block.shape[0], 1))
        blended = aware.scores(block, of_block, known, np.zeros_like(known))
        predicted = unaware.member_scores(block, of_block)[1:]
        evidence.append(
            np.stack([np.nan_to_num(scores[:, hidden]) for scores in predicted], axis=2)
        )
        truth.append(blended[:, hidden])
    scores = np.concatenate(evidence)
    spread = scores.std(axis=1).mean(axis=0)
    parts = np.where(spread > 0, 1.0 / np.where(spread > 0, spread, 1.0), 0.0) / len(spread)
    mix, target = (scores @ parts).ravel(), np.concatenate(truth).ravel().astype(np.float64)
    scored = ~np.isnan(target)  # an item may be unknown to every member that has a share
    if not scored.any():
        return np.zeros(len(MEMBER_NAMES))
    slope, intercept = np.polyfit(mix[scored], target[scored], 1)
    return np.array([intercept, *(max(slope, 0.0) * parts)])


def without_likes(histories: sparse.csr_array, hidden: NDArray[np.bool_]) -> sparse.csr_array:
    """The histories (users, items) without the likes of the hidden items."""
    reduced = sparse.csr_array(histories @ sparse.diags_array((~hidden).astype(np.float32)))
    reduced.eliminate_zeros()
    return reduced
