"""Matrix factorisation of likes or ratings by Spark's alternating least squares."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.errors import ConfigurationError, InsufficientDataError
from igniteflow_core.recommendations.factors import AlsModel

LONGEST_LINEAGE = 8
"""Maximum iterations without a checkpoint. The plan of more can overflow the stack of the JVM: from
10 on before its second compiler has optimized the code, from about 15 on after it."""

CHECKPOINT_INTERVAL = 5


def require_checkpoints(spark: SparkSession, settings: AlsSettings) -> None:
    """Reject more iterations than the JVM's stack allows without a checkpoint directory.

    Raises:
        ConfigurationError: more than ``LONGEST_LINEAGE`` iterations, but no checkpoint directory.
    """
    if settings.max_iter > LONGEST_LINEAGE and spark.sparkContext.getCheckpointDir() is None:
        raise ConfigurationError(
            f"{settings.max_iter} ALS iterations need a checkpoint directory",
            where="recommendations.als.max_iter",
            fix=f"set spark.checkpoint.dir in spark.config, or at most {LONGEST_LINEAGE} here",
        )


def index_ids(table: DataFrame, value: str) -> tuple[DataFrame, NDArray[np.str_], NDArray[np.str_]]:
    """``user``, ``item`` (positions) and ``value``, then the sorted ids of users and items.

    Raises:
        InsufficientDataError: the table is empty.
    """
    indexer = StringIndexer(
        inputCols=["user_id", "item_id"],
        outputCols=["user", "item"],
        stringOrderType="alphabetAsc",
    ).fit(table)
    users, items = (np.array(labels, dtype=np.str_) for labels in indexer.labelsArray)
    if not len(users):
        raise InsufficientDataError(
            "there are no interactions to fit ALS on",
            where="interactions",
            fix="deliver ratings or events, or lower recommendations.positive_rating",
        )
    indexed = indexer.transform(table).select(
        F.col("user").cast("int"), F.col("item").cast("int"), F.col(value).cast("float")
    )
    return indexed, users, items


def factor_matrix(table: pa.Table, count: int, rank: int) -> NDArray[np.float32]:
    """(count, rank) from Spark's table of ``id`` and ``features``."""
    factors = np.full((count, rank), np.nan, dtype=np.float32)
    flat = table["features"].combine_chunks().flatten().to_numpy()
    factors[table["id"].to_numpy()] = flat.reshape(-1, rank)
    return factors


def fit_als(interactions: DataFrame, settings: AlsSettings, seed: int) -> AlsModel:
    """Fit implicit ALS (Hu, Koren and Volinsky, 2008) to the weights of likes.

    Args:
        interactions: the INTERACTIONS table; it is read three times.
        settings: rank, iterations, penalty, confidence and blocks. At most two blocks per core are
            fastest.
        seed: seed of the initial factors.

    Raises:
        InsufficientDataError: there are no interactions.
        ConfigurationError: many iterations, but no checkpoint directory.
    """
    mean = interactions.agg(F.avg("weight")).collect()[0][0]
    relative = settings.model_copy(update={"alpha": settings.alpha / (mean or 1.0)})
    return _factorise(interactions, "weight", relative, seed, implicit=True)


def fit_explicit_als(ratings: DataFrame, settings: AlsSettings, seed: int) -> AlsModel:
    """Fit ALS to the ratings themselves (Zhou, Wilkinson, Schreiber and Pan, 2008).

    The model predicts ratings, and ranks worse than implicit ALS. ``alpha`` is not used.

    Args:
        ratings: the RATINGS table, or a part of it; it is read twice.
        settings: rank, iterations, penalty and blocks.
        seed: seed of the initial factors.

    Raises:
        As ``fit_als``.
    """
    return _factorise(ratings, "rating", settings, seed, implicit=False)


def _factorise(
    table: DataFrame, value: str, settings: AlsSettings, seed: int, *, implicit: bool
) -> AlsModel:
    """Spark ML's ALS on one column.

    Spark scales ``reg_param`` by the number of values of each user and item (Zhou et al., 2008).
    Ids are indexed by their sorted order, so that equal input gives equal factors.
    """
    require_checkpoints(table.sparkSession, settings)
    indexed, users, items = index_ids(table, value)
    model = ALS(
        rank=settings.rank,
        maxIter=settings.max_iter,
        regParam=settings.reg_param,
        alpha=settings.alpha,
        numUserBlocks=settings.blocks,
        numItemBlocks=settings.blocks,
        implicitPrefs=implicit,
        # A checkpoint writes all factors, so it is not used for few iterations.
        checkpointInterval=CHECKPOINT_INTERVAL if settings.max_iter > LONGEST_LINEAGE else -1,
        userCol="user",
        itemCol="item",
        ratingCol=value,
        seed=seed,
    ).fit(indexed)
    return AlsModel(
        user_ids=users,
        user_factors=factor_matrix(model.userFactors.toArrow(), len(users), settings.rank),
        item_ids=items,
        item_factors=factor_matrix(model.itemFactors.toArrow(), len(items), settings.rank),
    )
