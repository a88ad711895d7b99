"""Learning the weights of the hybrid's members from a validation split."""

from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.config.recommendations import BlendSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.recommendations.blend import Blend, BlendWeights
from igniteflow_core.recommendations.matrix import Segments, history_sizes, user_blocks
from igniteflow_core.recommendations.members import MEMBER_NAMES, Members
from igniteflow_core.recommendations.metrics import ideal_dcg, rank_discounts
from igniteflow_core.recommendations.new_items import (
    draw_hidden_items,
    new_item_coefficients,
    without_items,
    without_likes,
)
from igniteflow_core.recommendations.ranking import NO_ITEM, hide_seen, top_k
from igniteflow_core.simplex import simplex_grid

CUTOFF = 10
CANDIDATES = 50
STEPS = 10
"""The simplex of shares is searched in steps of 1 / STEPS."""

ACTIVITY_GROUPS = 3
LEAST_GROUP = 100
"""Minimum number of users per group; with fewer users there are fewer groups."""


@dataclass(frozen=True)
class _Candidates:
    """The candidates that the search ranks repeatedly: each member's best unseen items per user."""

    scores: NDArray[np.float32]  # (users, candidates, members), 0 if a member has no score
    known: NDArray[np.float32]  # (users, candidates, members), 1 where a member has a score
    gain: NDArray[np.float64]  # (users, candidates), 1 for a validation item
    ideal: NDArray[np.float64]  # (users,)

    def ndcg(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """(users,) nDCG@10 of the blend with these shares."""
        weights = shares.astype(np.float32)
        with np.errstate(invalid="ignore", divide="ignore"):
            blended = (self.scores @ weights) / (self.known @ weights)
        blended[np.isnan(blended)] = -np.inf
        ranked = top_k(blended, CUTOFF)
        gain = np.take_along_axis(self.gain, np.maximum(ranked, 0), axis=1) * (ranked != NO_ITEM)
        return np.asarray(gain @ rank_discounts(CUTOFF) / self.ideal)


def _candidates(
    blend: Blend,
    excluded: NDArray[np.bool_],
    histories: sparse.csr_array,
    segments: Segments,
    seen: sparse.csr_array,
    targets: sparse.csr_array,
) -> _Candidates:
    """Gather each member's ``CANDIDATES`` best unseen items, without the ``excluded``."""
    parts: list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]] = []
    for rows in user_blocks(histories):
        of_block = None if segments is None else segments[rows]
        scores = blend.member_scores(histories[rows], of_block)
        tops = []
        for member_scores in scores:
            member_scores[:, excluded] = np.nan
            tops.append(top_k(hide_seen(member_scores, seen[rows]), CANDIDATES))
        found = np.sort(np.concatenate(tops, axis=1), axis=1)
        again = np.zeros(found.shape, dtype=bool)
        again[:, 1:] = found[:, 1:] == found[:, :-1]
        void = again | (found == NO_ITEM)
        at = np.maximum(found, 0)
        stacked = np.stack([np.take_along_axis(each, at, axis=1) for each in scores], axis=2)
        known = ~np.isnan(stacked) & ~void[:, :, None]
        relevant = targets[rows].toarray() > 0
        gain = np.take_along_axis(relevant, at, axis=1) & ~void
        parts.append(
            (
                np.where(known, stacked, 0.0).astype(np.float32),
                known.astype(np.float32),
                gain.astype(np.float64),
            )
        )
    scores_, known_, gain_ = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Candidates(scores_, known_, gain_, ideal_dcg(history_sizes(targets), CUTOFF))


def shares_of(ndcg: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of all shares that are within one standard error of the best on these users.

    Near the best shares nDCG is flat, and the position of its peak is noise. Shares count as good
    as the best if they are within one standard error of it, computed from the differences per user
    (the rule of Breiman, Friedman, Olshen and Stone, 1984). If one member is far better than any
    mix, no other point is within that error, and its share is 1.

    Args:
        ndcg: (points, users) nDCG of the blend with each of the shares.
        points: (points, members) shares that sum to 1.

    Returns:
        (members,) shares that sum to 1.
    """
    behind = ndcg[ndcg.mean(axis=1).argmax()] - ndcg
    error = behind.std(axis=1) / np.sqrt(behind.shape[1])
    return np.asarray(points[behind.mean(axis=1) <= error].mean(axis=0))


def _search(candidates: _Candidates) -> NDArray[np.float64]:
    """``shares_of`` a grid, or the best single member if it ranks better for these users."""
    points = simplex_grid(len(MEMBER_NAMES), STEPS)
    ndcg = np.stack([candidates.ndcg(point) for point in points])
    shares = shares_of(ndcg, points)
    alone = np.flatnonzero(points.max(axis=1) == 1)
    best = alone[ndcg[alone].mean(axis=1).argmax()]
    return shares if candidates.ndcg(shares).mean() >= ndcg[best].mean() else points[best]


def cut_histories(
    histories: sparse.csr_array, size: int, order: NDArray[np.float64]
) -> sparse.csr_array:
    """The first ``size`` likes of each user by ``order``, which has one number per cell."""
    rows = np.repeat(np.arange(histories.shape[0]), history_sizes(histories))
    by_row = np.lexsort((order, rows))
    place = np.empty(len(rows), dtype=np.int64)
    place[by_row] = np.arange(len(rows)) - histories.indptr[rows]
    kept = place < size
    return sparse.csr_array(
        (histories.data[kept], (rows[kept], histories.indices[kept])), shape=histories.shape
    )


def learn_weights(
    members: Members,
    histories: sparse.csr_array,
    targets: sparse.csr_array,
    *,
    segments: Segments,
    settings: BlendSettings,
    placement_l2: float,
    seed: int,
) -> BlendWeights:
    """Learn the shares of the members and the coefficients of new items.

    The shares with the best nDCG@10 on the held-out likes are searched among each member's 50 best
    items per user. The search is run for the whole histories of the least, the middle and the most
    active third of the users (of all users if there are few), and for histories that are randomly
    cut to each smaller size of ``history_sizes``. On these users the blend never ranks worse than
    any member. Without a history only popularity is used.

    Args:
        members: members fitted on ``histories``, without ``targets``.
        histories: (users, items) likes that the members were trained on.
        targets: (users, items) likes that were held out from them.
        segments: segments of the users, positions among those of ``members.popularity``.
        settings: sizes, and number of users to learn from.
        placement_l2: ridge penalty of placing new items.
        seed: seed of the samples of users, histories and items that are treated as new.

    Raises:
        InsufficientDataError: no user has both a history and a held-out like.
    """
    rng = np.random.default_rng(seed)
    liked = sparse.csr_array(targets @ sparse.diags_array(members.popularity.covered * 1.0))
    liked.eliminate_zeros()
    usable = np.flatnonzero((history_sizes(histories) > 0) & (history_sizes(liked) > 0))
    if not len(usable):
        raise InsufficientDataError(
            "no user has both training and validation interactions",
            where="interactions",
            fix="deliver more ratings of the same users, or lower recommendations.positive_rating",
        )
    users = np.sort(rng.permutation(usable)[: settings.max_users])
    whole, held_out = histories[users], liked[users]
    order = rng.random(whole.nnz)
    hidden = draw_hidden_items(members, rng)
    unaware = without_items(members, hidden, without_likes(whole, hidden), placement_l2)
    by_size = np.argsort(history_sizes(whole), kind="stable")
    parts = min(max(len(users) // LEAST_GROUP, 1), ACTIVITY_GROUPS)
    by_median: dict[float, NDArray[np.int64]] = {}
    for group in np.array_split(by_size, parts):
        median = float(np.median(history_sizes(whole[group])))
        by_median[median] = np.union1d(by_median.get(median, group), group)
    stages: dict[float, tuple[sparse.csr_array, NDArray[np.int64]]] = {
        median: (whole, group) for median, group in by_median.items()
    }
    shortest = min(stages)
    for size in settings.history_sizes:
        longer = np.flatnonzero(history_sizes(whole) >= size)
        if size < shortest and len(longer):
            stages[float(size)] = (cut_histories(whole, size, order), longer)

    blend, blend_unaware = Blend(members), Blend(unaware)
    never_liked = ~members.popularity.covered
    shares = [np.eye(len(MEMBER_NAMES))[0]]
    new_items = [np.zeros(len(MEMBER_NAMES))]
    for _, (shown, chosen) in sorted(stages.items(), key=itemgetter(0)):
        likes = shown[chosen]
        of_chosen = None if segments is None else segments[users[chosen]]
        seen, targets = whole[chosen], held_out[chosen]
        best = _search(_candidates(blend, never_liked, likes, of_chosen, seen, targets))
        shares.append(best)
        coefficients = new_item_coefficients(blend, blend_unaware, likes, of_chosen, best, hidden)
        new_items.append(coefficients)
    grid = np.array([0.0, *sorted(stages)])
    return BlendWeights(grid, np.array(shares), np.array(new_items))
