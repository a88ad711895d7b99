"""Scoring with ALS factors: user factors are computed from histories."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.recommendations.matrix import Segments


@dataclass(frozen=True)
class AlsModel:
    """Latent factors of the users and items that occur in the training interactions.

    Other users get factors by ``AlsRanker.fold_in``, other items by ``placement.place_in_factors``.

    Attributes:
        user_ids: (users,) sorted.
        user_factors: (users, rank) float32.
        item_ids: (items,) sorted.
        item_factors: (items, rank) float32.
    """

    user_ids: NDArray[np.str_]
    user_factors: NDArray[np.float32]
    item_ids: NDArray[np.str_]
    item_factors: NDArray[np.float32]


@dataclass(frozen=True)
class AlsRanker:
    """Scores any history against the item factors of the catalogue.

    User factors are not stored: the last half-step of ALS is a closed form of the item factors and
    the user's history, so folding in a history reproduces the factors of the training, and computes
    factors of new users and longer histories without training.

    Attributes:
        item_factors: (items, rank) by catalogue position, NaN for items without factors.
        gram: (rank, rank) ``Y'Y`` of the trained item factors, without placed ones.
        reg_param: the penalty of the fit, scaled by the number of likes of a user.
        alpha: confidence that a weight of 1 adds.
    """

    item_factors: NDArray[np.float32]
    gram: NDArray[np.float64]
    reg_param: float
    alpha: float

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items that have factors, trained or placed."""
        return np.asarray(~np.isnan(self.item_factors[:, 0]))

    def fold_in(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, rank) factors of users from their histories (Hu, Koren and Volinsky, 2008).

        Solves ``(Y'Y + sum c y y' + n reg_param I) x = sum (1 + c) y`` over the user's n liked
        items that have factors y, with ``c = alpha * weight``. The factors of a user without such
        items are 0.
        """
        rank, users = self.gram.shape[0], histories.shape[0]
        normal, target = np.empty((users, rank, rank)), np.empty((users, rank))
        diagonal = np.arange(rank)
        # A small dense product per user is many times faster than one sparse product of all users.
        for user, (begin, end) in enumerate(pairwise(histories.indptr.tolist())):
            items = histories.indices[begin:end]
            known = self.covered[items]
            factors = self.item_factors[items[known]].astype(np.float64)
            confidence = self.alpha * histories.data[begin:end][known].astype(np.float64)
            np.dot(factors.T * confidence, factors, out=normal[user])
            normal[user, diagonal, diagonal] += max(len(factors), 1) * self.reg_param
            target[user] = (1.0 + confidence) @ factors
        normal += self.gram
        return np.linalg.solve(normal, target[..., None])[..., 0].astype(np.float32)

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """Item vectors (items, rank); a score is the product with one of ``user_vectors``."""
        return self.item_factors

    def user_vectors(
        self, histories: sparse.csr_array, segments: Segments = None
    ) -> NDArray[np.float32]:
        """The user factors (users, rank) of ``fold_in``."""
        return self.fold_in(histories)

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) predicted preferences, near 0 to 1; NaN for items without factors."""
        return self.fold_in(histories) @ self.item_factors.T


def ranker_of(
    model: AlsModel, item_ids: NDArray[np.str_], settings: AlsSettings, mean_weight: float
) -> AlsRanker:
    """Bring a model's item factors into the order of the catalogue.

    Args:
        model: fitted model; its items outside the catalogue affect users' factors but are not
            ranked.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: the settings the model was fitted with.
        mean_weight: mean weight of the likes that the model was fitted to.
    """
    rank = model.item_factors.shape[1]
    factors = np.full((len(item_ids), rank), np.nan, dtype=np.float32)
    _, at, of = np.intersect1d(item_ids, model.item_ids, assume_unique=True, return_indices=True)
    factors[at] = model.item_factors[of]
    trained = model.item_factors.astype(np.float64)
    alpha = settings.alpha / mean_weight
    return AlsRanker(factors, trained.T @ trained, settings.reg_param, alpha)
