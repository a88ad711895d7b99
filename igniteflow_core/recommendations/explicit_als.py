"""ALS on the stars themselves: it predicts ratings, and ranks worse than implicit ALS does."""

import numpy as np
from numpy.typing import NDArray
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.recommendations.als import (
    CHECKPOINT_INTERVAL,
    factor_matrix,
    index_ids,
    require_checkpoints,
)
from igniteflow_core.recommendations.factors import AlsModel


def fit_explicit_als(ratings: DataFrame, settings: AlsSettings, seed: int) -> AlsModel:
    """Factorise ratings (Zhou, Wilkinson, Schreiber and Pan, 2008) with Spark ML.

    Args:
        ratings: the RATINGS table, or a part of it.
        settings: rank, iterations, penalty and blocks; ``alpha`` has no meaning here.
        seed: of the first factors.

    Raises:
        InsufficientDataError: there are no ratings.
        ConfigurationError: many iterations, but no checkpoint directory.
    """
    require_checkpoints(ratings.sparkSession, settings)
    indexed, users, items = index_ids(ratings, "rating")
    model = ALS(
        rank=settings.rank,
        maxIter=settings.max_iter,
        regParam=settings.reg_param,
        numUserBlocks=settings.blocks,
        numItemBlocks=settings.blocks,
        checkpointInterval=CHECKPOINT_INTERVAL,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=seed,
    ).fit(indexed)
    return AlsModel(
        user_ids=users,
        user_factors=factor_matrix(model.userFactors.toArrow(), len(users), settings.rank),
        item_ids=items,
        item_factors=factor_matrix(model.itemFactors.toArrow(), len(items), settings.rank),
    )


def rating_rmse(
    model: AlsModel, ratings: DataFrame, bounds: tuple[float, float]
) -> tuple[float, int]:
    """The root mean squared error of the predicted ratings.

    Args:
        model: an explicit fit.
        ratings: the RATINGS table, or a part of it; ratings of users or items that the model does
            not know cannot be predicted and are left out.
        bounds: the lowest and the highest rating, to which predictions are cut.

    Returns:
        The error in stars, NaN where nothing could be predicted; and the ratings predicted.
    """
    table = ratings.select("user_id", "item_id", "rating").toArrow()
    names = (np.array(table[each].to_pylist(), dtype=np.str_) for each in ("user_id", "item_id"))
    (user, knows_user), (item, knows_item) = (
        _places(ids, wanted)
        for ids, wanted in zip((model.user_ids, model.item_ids), names, strict=True)
    )
    known = knows_user & knows_item
    factors = model.user_factors[user[known]] * model.item_factors[item[known]]
    predicted = np.clip(factors.sum(axis=1, dtype=np.float64), *bounds)
    error = predicted - table["rating"].to_numpy()[known]
    rmse = float(np.sqrt(np.mean(error**2))) if len(error) else float("nan")
    return rmse, len(error)


def _places(
    ids: NDArray[np.str_], wanted: NDArray[np.str_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return place, ids[place] == wanted
