"""The error of the ratings that explicit ALS predicts."""

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from igniteflow_core.recommendations.factors import AlsModel


def rating_rmse(
    model: AlsModel, ratings: DataFrame, bounds: tuple[float, float]
) -> tuple[float, int]:
    """The root mean squared error of the predicted ratings.

    Args:
        model: fitted explicit model.
        ratings: the RATINGS table, or a part of it; ratings of users or items that the model does
            not know cannot be predicted and are left out.
        bounds: lowest and highest rating, to which predictions are clipped.

    Returns:
        The error in stars, NaN if nothing could be predicted; and the number of predicted ratings.
    """
    table = ratings.select("user_id", "item_id", "rating").toArrow()
    names = (np.array(table[each].to_pylist(), dtype=np.str_) for each in ("user_id", "item_id"))
    (user, knows_user), (item, knows_item) = (
        _places(ids, requested)
        for ids, requested in zip((model.user_ids, model.item_ids), names, strict=True)
    )
    known = knows_user & knows_item
    factors = model.user_factors[user[known]] * model.item_factors[item[known]]
    predicted = np.clip(factors.sum(axis=1, dtype=np.float64), *bounds)
    error = predicted - table["rating"].to_numpy()[known]
    rmse = float(np.sqrt(np.mean(error**2))) if len(error) else float("nan")
    return rmse, len(error)


def _places(
    ids: NDArray[np.str_], requested: NDArray[np.str_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    place = np.minimum(np.searchsorted(ids, requested), len(ids) - 1)
    return place, ids[place] == requested
