"""Matrix factorisation of implicit feedback by Spark's alternating least squares."""

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
"""Iterations that need no checkpoint: the plan of more can overflow the stack of the JVM, from 10
on where only its first compiler runs (``-XX:TieredStopAtLevel=1``), from about 15 elsewhere."""

CHECKPOINT_INTERVAL = 5


def require_checkpoints(spark: SparkSession, settings: AlsSettings) -> None:
    """Refuse more iterations than the JVM's stack bears without a checkpoint directory.

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
    """Fit implicit ALS (Hu, Koren and Volinsky, 2008) with Spark ML.

    Spark scales ``reg_param`` by the number of interactions of each user and item (Zhou et al.,
    2008). Ids are indexed by their sorted order, so that equal input gives equal factors.

    Args:
        interactions: the INTERACTIONS table; it is read twice.
        settings: rank, iterations, penalty, confidence and blocks. Two blocks a core or fewer are
            fastest.
        seed: of the first factors.

    Raises:
        InsufficientDataError: there are no interactions.
        ConfigurationError: many iterations, but no checkpoint directory.
    """
    require_checkpoints(interactions.sparkSession, settings)
    indexed, users, items = index_ids(interactions, "weight")
    als = ALS(
        rank=settings.rank,
        maxIter=settings.max_iter,
        regParam=settings.reg_param,
        alpha=settings.alpha,
        numUserBlocks=settings.blocks,
        numItemBlocks=settings.blocks,
        implicitPrefs=True,
        checkpointInterval=CHECKPOINT_INTERVAL,
        userCol="user",
        itemCol="item",
        ratingCol="weight",
        seed=seed,
    )
    model = als.fit(indexed)
    return AlsModel(
        user_ids=users,
        user_factors=factor_matrix(model.userFactors.toArrow(), len(users), settings.rank),
        item_ids=items,
        item_factors=factor_matrix(model.itemFactors.toArrow(), len(items), settings.rank),
    )
