"""ALS factors at work: users from their histories, new items from their content."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.recommendations.matrix import Segments


@dataclass(frozen=True)
class AlsModel:
    """Latent factors of the users and items that occur in the training interactions.

    Whoever is not listed has no factors: a user gets them by ``AlsRanker.fold_in``, an item by
    ``place_new_items``.

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
    the user's history, so folding a history in gives the factors that training gave, and gives a
    new user or a longer history factors without training.

    Attributes:
        item_factors: (items, rank) by catalogue position, NaN where there are none.
        gram: (rank, rank) ``Y'Y`` of the trained item factors, without placed ones.
        reg_param: the penalty of the fit, scaled by the number of likes of a user.
        alpha: confidence that a weight of 1 adds.
    """

    item_factors: NDArray[np.float32]
    gram: NDArray[np.float64]
    reg_param: float
    alpha: float

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items that have factors, trained or placed."""
        return np.asarray(~np.isnan(self.item_factors[:, 0]))

    def fold_in(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, rank) factors of users from their histories (Hu, Koren and Volinsky, 2008).

        Solves ``(Y'Y + sum c y y' + n reg_param I) x = sum (1 + c) y`` over the user's n liked
        items that have factors y, with ``c = alpha * weight``. Zeros for a user without any.
        """
        rank = self.gram.shape[0]
        users = histories.shape[0]
        normal = np.tile(self.gram, (users, 1, 1))
        target = np.zeros((users, rank, 1))
        covered = self.covered
        for user in range(users):
            cells = slice(histories.indptr[user], histories.indptr[user + 1])
            known = covered[histories.indices[cells]]
            confidence = self.alpha * histories.data[cells][known].astype(np.float64)
            factors = self.item_factors[histories.indices[cells][known]].astype(np.float64)
            normal[user] += (factors * confidence[:, None]).T @ factors
            normal[user].flat[:: rank + 1] += max(len(factors), 1) * self.reg_param
            target[user, :, 0] = (1.0 + confidence) @ factors
        return np.linalg.solve(normal, target)[..., 0].astype(np.float32)

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) predicted preferences, near 0 to 1; NaN for items without factors."""
        return self.fold_in(histories) @ self.item_factors.T


def ranker_of(model: AlsModel, item_ids: NDArray[np.str_], settings: AlsSettings) -> AlsRanker:
    """Bring a model's item factors into the order of the catalogue.

    Args:
        model: the fit; its items outside the catalogue shape users' factors but are not ranked.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: the settings the model was fitted with.
    """
    rank = model.item_factors.shape[1]
    factors = np.full((len(item_ids), rank), np.nan, dtype=np.float32)
    _, at, of = np.intersect1d(item_ids, model.item_ids, assume_unique=True, return_indices=True)
    factors[at] = model.item_factors[of]
    trained = model.item_factors.astype(np.float64)
    return AlsRanker(factors, trained.T @ trained, settings.reg_param, settings.alpha)


def place_new_items(ranker: AlsRanker, vectors: NDArray[np.float32], l2: float) -> AlsRanker:
    """Give items without factors those that their content lets expect.

    A ridge regression from content to factors, fitted on the items that have both (the map of
    Gantner et al., 2010, "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations").
    Items without content stay without factors.

    Args:
        ranker: the fitted factors.
        vectors: (items, dimensions) content, zeros for none.
        l2: the ridge penalty, above 0.
    """
    has_content = vectors.any(axis=1)
    known = ranker.covered & has_content
    new = ~ranker.covered & has_content
    if not new.any() or not known.any():
        return ranker
    content = vectors[known].astype(np.float64)
    factors = ranker.item_factors[known].astype(np.float64)
    mean_content, mean_factors = content.mean(axis=0), factors.mean(axis=0)
    content -= mean_content
    penalty = l2 * np.eye(content.shape[1])
    mapping = np.linalg.solve(content.T @ content + penalty, content.T @ (factors - mean_factors))
    placed = ranker.item_factors.copy()
    placed[new] = mean_factors + (vectors[new] - mean_content) @ mapping
    return replace(ranker, item_factors=placed)
