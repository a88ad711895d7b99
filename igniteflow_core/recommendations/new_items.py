"""What a new item's content says about the score that the hybrid would give it later."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations import metrics
from igniteflow_core.recommendations.factors import place_new_items
from igniteflow_core.recommendations.hybrid import Members, blend, standardised_members
from igniteflow_core.recommendations.matrix import Segments, history_sizes, user_blocks
from igniteflow_core.recommendations.ranking import top_k

CUTOFF = 10
HIDDEN_SHARE = 0.1
"""Share of the liked items with content that are treated as if they were new."""


def draw_hidden_items(members: Members, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(items,) the liked items with content that are to be treated as new."""
    possible = np.flatnonzero(members.popularity.covered & members.content.covered)
    hidden = np.zeros(len(members.popularity.counts), dtype=bool)
    hidden[rng.permutation(possible)[: int(HIDDEN_SHARE * len(possible))]] = True
    return hidden


def _as_if_new(members: Members, hidden: NDArray[np.bool_], placement_l2: float) -> Members:
    """The members as if nobody had liked the hidden items; other items' factors stay as fitted."""
    lost = members.als.item_factors[hidden].astype(np.float64)
    factors = np.where(hidden[:, None], np.nan, members.als.item_factors).astype(np.float32)
    als = replace(members.als, item_factors=factors, gram=members.als.gram - lost.T @ lost)
    return replace(
        members,
        popularity=replace(
            members.popularity,
            counts=np.where(hidden, 0.0, members.popularity.counts),
            segment_counts=np.where(hidden, 0.0, members.popularity.segment_counts),
        ),
        als=place_new_items(als, members.content.vectors, placement_l2),
    )


def new_item_coefficients(
    members: Members,
    histories: sparse.csr_array,
    segments: Segments,
    likes: sparse.csr_array,
    shares: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    placement_l2: float,
) -> NDArray[np.float64]:
    """How to score a new item from the standardised scores of content and placed factors.

    The likes of the hidden items are taken out of the histories. Content and placed factors are
    mixed in the shares that rank the hidden items best by these likes, and the mix is scaled by
    least squares to the score that the blend gives the hidden items, knowing them. It shrinks by
    as much as content fails to tell, so that a new item is given the score that the blend is
    expected to give it once it has been liked.

    Args:
        members: the fitted members, which know the hidden items.
        histories: (users, items) likes.
        segments: of the users.
        likes: (users, items) all that is known to be liked, held-out likes too.
        shares: (members,) of the blend.
        hidden: (items,) from ``draw_hidden_items``.
        placement_l2: ridge penalty of placing new items.

    Returns:
        (3,) intercept, coefficient of content, coefficient of placed ALS; zeros if nothing is
        hidden, the score of an average item.
    """
    if not hidden.any():
        return np.zeros(3)
    reduced = sparse.csr_array(histories @ sparse.diags_array((~hidden).astype(np.float32)))
    reduced.eliminate_zeros()
    unaware = _as_if_new(members, hidden, placement_l2)
    content, placed, truth = [], [], []
    for rows in user_blocks(reduced):
        block = reduced[rows]
        of_block = None if segments is None else segments[rows]
        known = np.tile(shares.astype(np.float32), (block.shape[0], 1))
        unused = np.zeros((block.shape[0], 3), dtype=np.float32)
        blended = blend(members, standardised_members(members, block, of_block), known, unused)
        evidence = standardised_members(unaware, block, of_block)
        content.append(evidence[1][:, hidden])
        placed.append(evidence[2][:, hidden])
        truth.append(blended[:, hidden])
    by_content, by_factors = np.concatenate(content), np.concatenate(placed)
    share = _best_content_share(by_content, by_factors, sparse.csr_array(likes[:, hidden]))
    mix = (share * by_content + (1 - share) * by_factors).ravel().astype(np.float64)
    slope, intercept = np.polyfit(mix, np.concatenate(truth).ravel().astype(np.float64), 1)
    slope = max(slope, 0.0)
    return np.array([intercept, slope * share, slope * (1 - share)])


def _best_content_share(
    by_content: NDArray[np.float32], by_factors: NDArray[np.float32], liked: sparse.csr_array
) -> float:
    """The share of content, in tenths, that ranks liked items best; one half where none is."""
    judged = np.flatnonzero(history_sizes(liked) > 0)
    if not len(judged):
        return 0.5
    goal = liked[judged]
    counts = history_sizes(goal)

    def mean_ndcg(share: float) -> float:
        mix = share * by_content[judged] + (1 - share) * by_factors[judged]
        hit = metrics.hits(top_k(mix.astype(np.float32), CUTOFF), goal)
        return float(metrics.ndcg(hit, counts).mean())

    return float(max(np.linspace(0.0, 1.0, 11), key=mean_ndcg))
