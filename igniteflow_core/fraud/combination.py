"""How the members are combined: the method that is best on days its weights were not fitted on.

The methods differ only in the weights, so models are stored and served in the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from igniteflow_core.fraud.bootstrap import average_precision_gain
from igniteflow_core.fraud.matrix import Floats, Labels
from igniteflow_core.fraud.members import MemberName
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.fraud.voting import search_weights, stacking_weights, vote
from igniteflow_core.intervals import Interval

Method = Literal["best_member", "voting", "stacking"]

WEIGHTS_OF: Final[Mapping[Method, Callable[[Floats, Labels], Floats]]] = {
    "voting": search_weights,
    "stacking": stacking_weights,
}
"""How the weights of the methods that combine members are fitted."""

MIN_GAIN: Final = 0.001
"""Minimum gain in average precision; members that only add noise to the best one gain less."""

_BLOCKS: Final = 5


@dataclass(frozen=True)
class Combination:
    """The chosen method.

    Attributes:
        method: method that the ensemble uses.
        weights: weights of the members, which sum to 1, shape (members,).
        gains: average precision of each other method minus that of the best member, on days that
            its weights were not fitted on; empty if there are too few days or frauds to measure it.
    """

    method: Method
    weights: Floats
    gains: Mapping[Method, Interval]


def choose_combination(
    member_log_odds: Floats, labels: Labels, days: ArrayLike, *, seed: int
) -> Combination:
    """Choose the best member, unless voting or stacking gains ``MIN_GAIN`` in cross-fitting.

    The days are cut into blocks of consecutive days. The rows of each block are scored with weights
    that were fitted on the other blocks. A single member has no weights to fit, so the best member
    is selected on all days, which favours it over the two methods.

    Args:
        member_log_odds: calibrated log-odds of the members on validation rows, shape (members, n).
        labels: 0 or 1, both present, shape (n,).
        days: day of each row, of any comparable type, shape (n,).
        seed: seed of the intervals.
    """
    quality = [average_precision(each, labels) for each in member_log_odds]
    best = int(np.argmax(quality))
    alone = Combination("best_member", np.eye(len(member_log_odds))[best], {})
    blocks = _blocks(days)
    if not _both_classes_everywhere(labels, blocks):
        return alone
    gains: dict[Method, Interval] = {}
    for method, fit in WEIGHTS_OF.items():
        scores = np.empty(len(labels))
        for block in np.unique(blocks):
            inside = blocks == block
            weights = fit(member_log_odds[:, ~inside], labels[~inside])
            # No new calibration: a separate scale per block would blur the order across blocks.
            scores[inside] = vote(member_log_odds[:, inside], weights)
        gains[method] = average_precision_gain(
            scores, member_log_odds[best], labels, days, seed=seed
        )
    method = max(gains, key=lambda each: gains[each].mean)
    if gains[method].mean < MIN_GAIN:
        return Combination(alone.method, alone.weights, gains)
    return Combination(method, WEIGHTS_OF[method](member_log_odds, labels), gains)


def in_words(
    method: Method, weights: Mapping[MemberName, float], gains: Mapping[Method, Interval]
) -> str:
    """The chosen method and the measured gains, on one line."""
    serving = [name for name, weight in weights.items() if weight > 0]
    chosen = (
        f"{serving[0]} alone" if method == "best_member" else f"{method} of {', '.join(serving)}"
    )
    if not gains:
        return f"{chosen}; whether the members gain on the best of them was not measured"
    measured = "; ".join(
        f"{each} {gain.mean:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        for each, gain in gains.items()
    )
    return f"{chosen}; cross-fitted gain over the best member on the validation days: {measured}"


def _both_classes_everywhere(labels: Labels, blocks: NDArray[np.intp]) -> bool:
    """Whether there are blocks and the rows outside each block hold both classes."""
    outside = [labels[blocks != block] for block in np.unique(blocks)]
    return all(len(each) > 0 and 0 < each.sum() < len(each) for each in outside)


def _blocks(days: ArrayLike) -> NDArray[np.intp]:
    number = np.unique(np.asarray(days), return_inverse=True)[1]
    days_in_all = int(number.max()) + 1
    return np.asarray(number * min(_BLOCKS, days_in_all) // days_in_all)
