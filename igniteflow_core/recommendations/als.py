"""Matrix factorisation of implicit feedback by Spark's alternating least squares."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.errors import ConfigurationError, InsufficientDataError
from igniteflow_core.recommendations.factors import AlsModel

LONGEST_LINEAGE = 8
"""Iterations that need no checkpoint: the plan of more can overflow the stack of the JVM, from 10
on where only its first compiler runs (``-XX:TieredStopAtLevel=1``), from about 15 elsewhere."""

CHECKPOINT_INTERVAL = 5


def _factors(table: pa.Table, count: int, rank: int) -> NDArray[np.float32]:
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
        ConfigurationError: more than ``LONGEST_LINEAGE`` iterations, but no checkpoint directory.
    """
    context = interactions.sparkSession.sparkContext
    if settings.max_iter > LONGEST_LINEAGE and context.getCheckpointDir() is None:
        raise ConfigurationError(
            f"{settings.max_iter} ALS iterations need a checkpoint directory",
            where="recommendations.als.max_iter",
            fix=f"set spark.checkpoint.dir in spark.config, or at most {LONGEST_LINEAGE} here",
        )
    indexer = StringIndexer(
        inputCols=["user_id", "item_id"],
        outputCols=["user", "item"],
        stringOrderType="alphabetAsc",
    ).fit(interactions)
    users, items = (np.array(labels, dtype=np.str_) for labels in indexer.labelsArray)
    if not len(users):
        raise InsufficientDataError(
            "there are no interactions to fit ALS on",
            where="interactions",
            fix="deliver ratings, or lower recommendations.positive_rating",
        )
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
    indexed = indexer.transform(interactions).select(
        F.col("user").cast("int"), F.col("item").cast("int"), F.col("weight").cast("float")
    )
    model = als.fit(indexed)
    return AlsModel(
        user_ids=users,
        user_factors=_factors(model.userFactors.toArrow(), len(users), settings.rank),
        item_ids=items,
        item_factors=_factors(model.itemFactors.toArrow(), len(items), settings.rank),
    )
