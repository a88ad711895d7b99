"""What a new item's content says about the score that the hybrid would give it later."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.factors import place_new_items
from igniteflow_core.recommendations.hybrid import Members, blend, standardised_members
from igniteflow_core.recommendations.matrix import Segments, user_blocks

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
    shares: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    placement_l2: float,
) -> NDArray[np.float64]:
    """Regress the blend's score on the standardised scores of content and placed factors.

    By least squares over all pairs of a user and a hidden item, whose likes are taken out of the
    histories. The coefficients shrink by as much as content fails to tell, so that a new item is
    given the score that the blend is expected to give it once it has been liked.

    Args:
        members: the fitted members, which know the hidden items.
        histories: (users, items) likes.
        segments: of the users.
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
    normal, target = np.zeros((3, 3)), np.zeros(3)
    for rows in user_blocks(reduced):
        block = reduced[rows]
        of_block = None if segments is None else segments[rows]
        known = np.tile(shares.astype(np.float32), (block.shape[0], 1))
        unused = np.zeros((block.shape[0], 3), dtype=np.float32)
        truth = blend(members, standardised_members(members, block, of_block), known, unused)
        evidence = standardised_members(unaware, block, of_block)
        design = np.column_stack(
            [
                np.ones(block.shape[0] * int(hidden.sum())),
                evidence[1][:, hidden].ravel(),
                evidence[2][:, hidden].ravel(),
            ]
        ).astype(np.float64)
        normal += design.T @ design
        target += design.T @ truth[:, hidden].ravel().astype(np.float64)
    return np.asarray(np.linalg.lstsq(normal, target, rcond=None)[0])
