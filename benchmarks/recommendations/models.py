"""The platform's models and the baselines, each with the seconds of its training."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from scipy import sparse

from benchmarks.recommendations.world import World
from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.recommendations.als import fit_als, fit_explicit_als
from igniteflow_core.recommendations.evaluation import Scorer, evaluate
from igniteflow_core.recommendations.factors import AlsModel, ranker_of
from igniteflow_core.recommendations.holdout import Holdout, collect_holdout
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_core.recommendations.item_item import fit_ease, fit_item_cosine, fit_item_jaccard
from igniteflow_core.recommendations.training import count_popularity, fit_content, train_hybrid
from igniteflow_core.schemas.interactions import EVENTS

SEED = 7
LARGEST_HEAD = 10_000
"""Items that baselines of item to item are fitted on: their matrix is dense."""


@dataclass
class InOrder:
    """A model that identifies users by their row, so rows must be requested in order."""

    user_factors: np.ndarray
    item_factors: np.ndarray
    item_bias: np.ndarray | float = 0.0
    asked: int = 0

    def score(self, histories: sparse.csr_array, segments: object = None) -> np.ndarray:
        rows = slice(self.asked, self.asked + histories.shape[0])
        self.asked = rows.stop % len(self.user_factors)
        scores = self.user_factors[rows] @ self.item_factors.T + self.item_bias
        return np.asarray(scores, dtype=np.float32)


@dataclass(frozen=True)
class Fitted:
    """The hybrid, the holdout over its catalogue, and every other model by name."""

    hybrid: HybridRecommender
    holdout: Holdout
    models: dict[str, Scorer]
    seconds: dict[str, float]


def fit_all(world: World, *, baselines: bool = True) -> Fitted:
    seconds: dict[str, float] = {}

    def timed(name: str, fit: Callable):
        start = time.perf_counter()
        fitted = fit()
        seconds[name] = time.perf_counter() - start
        return fitted

    settings, train = world.settings, world.split.train
    item_ids, content = timed("content", lambda: fit_content(world.items, settings))
    als = timed("ALS, implicit (Spark)", lambda: fit_als(train, settings.als, settings.seed))
    hybrid = timed(
        "hybrid", lambda: train_hybrid(train, world.users, item_ids, content, als, settings)
    )
    seconds["hybrid"] += seconds["ALS, implicit (Spark)"] + seconds["content"]
    no_events = world.ratings.sparkSession.createDataFrame([], EVENTS.ddl)
    seen = seen_items(world.ratings, no_events)
    holdout = collect_holdout(world.split, seen, world.users, item_ids, content.vectors)
    likes = holdout.train
    mean_weight = float(likes.data.mean())
    timed("popularity", lambda: count_popularity(train, world.users, item_ids, settings))
    models: dict[str, Scorer] = {
        "popularity": hybrid.members.popularity,
        "content": hybrid.members.content,
        "ALS, implicit (Spark)": ranker_of(als, item_ids, settings.als, mean_weight),
    }
    if baselines:
        whole = ItemItemSettings(max_items=LARGEST_HEAD, l2=settings.item_item.l2)
        models["EASE"] = timed("EASE", lambda: fit_ease(likes, settings.item_item))
        models["item cosine"] = timed("item cosine", lambda: fit_item_cosine(likes, whole))
        models["SAR (Jaccard)"] = timed("SAR (Jaccard)", lambda: fit_item_jaccard(likes, whole))
        judged = np.flatnonzero(np.diff(holdout.relevant.indptr) > 0)
        explicit = timed("ALS, explicit (Spark)", lambda: _explicit(world))
        models["ALS, explicit (Spark)"] = _by_stars(explicit, world, holdout, item_ids, judged)
        for name, model in (
            ("ALS (implicit, tuned)", _tuned_implicit_als(likes / mean_weight)),
            ("BPR (implicit)", BayesianPersonalizedRanking(
                factors=64, learning_rate=0.01, iterations=60, random_state=SEED, num_threads=2)),
        ):  # fmt: skip
            weighted = sparse.csr_matrix(likes / mean_weight)
            timed(name, lambda model=model, likes=weighted: model.fit(likes, show_progress=False))
            models[name] = InOrder(model.user_factors[judged], model.item_factors)
    return Fitted(hybrid, holdout, models, seconds)


def _tuned_implicit_als(likes: sparse.csr_array) -> AlternatingLeastSquares:
    """The best of 18 settings by nDCG@10 on a sixth of the training likes."""
    held = np.random.default_rng(SEED).random(likes.nnz) < 1 / 6
    cells = likes.tocoo()
    known, left = (
        sparse.csr_array(
            (cells.data[part], (cells.row[part], cells.col[part])),
            shape=likes.shape,
        )
        for part in (~held, held)
    )
    judged = np.flatnonzero(np.diff(left.indptr) > 0)
    no_content = np.zeros((likes.shape[1], 1), dtype=np.float32)

    def quality(model: AlternatingLeastSquares) -> float:
        model.fit(sparse.csr_matrix(known), show_progress=False)
        by_row = InOrder(model.user_factors[judged], model.item_factors)
        evaluation = evaluate(by_row, known, known, left, 10, vectors=no_content)
        return float(evaluation.user_metrics["ndcg"].mean())

    settings = list(product((32, 64), (1.0, 5.0, 20.0), (0.5, 1.0, 2.0)))
    best = max(settings, key=lambda each: quality(_implicit_als(*each)))
    return _implicit_als(*best)


def _implicit_als(factors: int, regularization: float, alpha: float) -> AlternatingLeastSquares:
    return AlternatingLeastSquares(
        factors=factors, regularization=regularization, alpha=alpha,
        iterations=15, random_state=SEED, num_threads=2,
    )  # fmt: skip


def _explicit(world: World) -> AlsModel:
    held_out = world.split.holdout.select("user_id", "item_id")
    train = world.ratings.join(held_out, ["user_id", "item_id"], "anti").persist()
    settings = world.settings.als.model_copy(update={"reg_param": 0.1})
    return fit_explicit_als(train, settings, SEED)


def _by_stars(
    model: AlsModel, world: World, holdout: Holdout, item_ids: np.ndarray, judged: np.ndarray
) -> InOrder:
    user_ids = np.sort(
        np.array(world.interactions.select("user_id").distinct().toArrow()["user_id"].to_pylist())
    )
    place = np.searchsorted(model.user_ids, user_ids[judged])
    items = ranker_of(model, item_ids, world.settings.als, 1.0).item_factors
    return InOrder(model.user_factors[place], items)
