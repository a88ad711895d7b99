"""The best unseen items of every user, made on Spark a block of users at a time."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import sparse

from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import user_blocks
from igniteflow_core.recommendations.ranking import NO_ITEM
from igniteflow_core.recommendations.rules import ShopRules
from igniteflow_core.schemas.interactions import RECOMMENDATIONS

_COLUMNS = [name for name in RECOMMENDATIONS.column_names if name != "model_version"]
_SCHEMA = ", ".join(f"`{name}` {RECOMMENDATIONS.column(name).type}" for name in _COLUMNS)


def _histories(
    batch: pa.RecordBatch, item_ids: pa.Array
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """(users, items) likes and seen items of a batch of ``user_id``, ``items`` and ``weights``."""
    lists = batch.column("items")
    position = pc.index_in(lists.flatten(), value_set=item_ids)
    known = pc.is_valid(position).to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(batch.num_rows), pc.list_value_length(lists).to_numpy())[known]
    column = pc.fill_null(position, -1).to_numpy()[known]
    weight = batch.column("weights").flatten().to_numpy()[known].astype(np.float32)
    liked = weight > 0
    shape = (batch.num_rows, len(item_ids))
    return (
        sparse.csr_array((weight[liked], (row[liked], column[liked])), shape=shape),
        sparse.csr_array((np.ones_like(weight), (row, column)), shape=shape),
    )


def recommend_top_n(
    users: DataFrame,
    interactions: DataFrame,
    seen: DataFrame,
    recommender: HybridRecommender,
    n: int,
    rules: ShopRules | None = None,
) -> DataFrame:
    """Rank the catalogue for every user.

    Each Spark task holds the recommender, which is broadcast once, and the scores of one block of
    users; nothing is collected. Equal scores are ordered by item id.

    Args:
        users: the USERS table, of the users wanted.
        interactions: the INTERACTIONS table, the histories.
        seen: ``user_id`` and ``item_id`` of what is never recommended, such as all RATINGS.
        recommender: what ranks.
        n: length of the lists; a user with fewer unseen items gets a shorter one.
        rules: over the recommender's catalogue; None to allow all of it.

    Returns:
        The columns of RECOMMENDATIONS without ``model_version``.
    """
    shared = users.sparkSession.sparkContext.broadcast((recommender, rules))

    def rank_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        model, allowed = shared.value
        item_ids = pa.array(model.item_ids.tolist(), pa.string())
        for batch in batches:
            histories, hidden = _histories(batch, item_ids)
            names = np.array(batch.column("segment").to_pylist(), dtype=object)
            segments = model.members.popularity.segment_positions(names)
            for rows in user_blocks(histories):
                ranking = model.rank(histories[rows], hidden[rows], n, segments[rows], allowed)
                user, place = np.nonzero(ranking.items != NO_ITEM)
                yield pa.RecordBatch.from_pydict(
                    {
                        "user_id": batch.column("user_id").slice(rows.start).take(pa.array(user)),
                        "rank": pa.array(place + 1, pa.int32()),
                        "item_id": item_ids.take(pa.array(ranking.items[user, place])),
                        "score": pa.array(ranking.scores[user, place].astype(np.float64)),
                        "source": pa.array(ranking.sources[user].tolist(), pa.string()),
                    }
                )

    events = interactions.select("user_id", "item_id", "weight").unionByName(
        seen.select("user_id", "item_id", F.lit(0.0).alias("weight"))
    )
    once = events.groupBy("user_id", "item_id").agg(F.max("weight").alias("weight"))
    histories = (
        users.select("user_id", "segment")
        .dropDuplicates(["user_id"])
        .join(once, "user_id", "left")
        .groupBy("user_id", "segment")
        .agg(F.collect_list("item_id").alias("items"), F.collect_list("weight").alias("weights"))
    )
    return histories.mapInArrow(rank_batches, _SCHEMA).select(*_COLUMNS)
