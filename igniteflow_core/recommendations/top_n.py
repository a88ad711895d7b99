"""The best unseen items of every user, computed on Spark in blocks of users."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.recommendations.history_rows import read_histories
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import user_blocks
from igniteflow_core.recommendations.ranking import NO_ITEM
from igniteflow_core.recommendations.rules import ShopRules
from igniteflow_core.schemas.interactions import RECOMMENDATIONS

_COLUMNS = [name for name in RECOMMENDATIONS.column_names if name != "model_version"]
_SCHEMA = ", ".join(f"`{name}` {RECOMMENDATIONS.column(name).type}" for name in _COLUMNS)


def recommend_top_n(
    users: DataFrame,
    interactions: DataFrame,
    seen: DataFrame,
    recommender: HybridRecommender,
    n: int,
    rules: ShopRules | None = None,
) -> DataFrame:
    """Rank the catalogue for every user.

    Each Spark task has the recommender, which is broadcast once, and the scores of one block of
    users; nothing is collected. Equal scores are ordered by item id.

    Args:
        users: the USERS table of the requested users.
        interactions: the INTERACTIONS table, the histories.
        seen: ``user_id`` and ``item_id`` of items that are never recommended, such as all RATINGS.
        recommender: recommender that ranks.
        n: length of the lists; a user with fewer unseen items gets a shorter one.
        rules: rules for the recommender's catalogue; None to allow all items.

    Returns:
        The columns of RECOMMENDATIONS without ``model_version``.
    """
    shared = users.sparkSession.sparkContext.broadcast((recommender, rules))

    def rank_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        model, allowed = shared.value
        item_ids = pa.array(model.item_ids.tolist(), pa.string())
        for block in read_histories(batches, item_ids):
            segments = model.members.popularity.segment_positions(block.segments)
            for rows in user_blocks(block.liked):
                likes, hidden = block.liked[rows], block.seen[rows]
                ranking = model.rank(likes, hidden, n, segments[rows], allowed)
                user, place = np.nonzero(ranking.items != NO_ITEM)
                yield pa.RecordBatch.from_pydict(
                    {
                        "user_id": block.user_ids.slice(rows.start).take(pa.array(user)),
                        "rank": pa.array(place + 1, pa.int32()),
                        "item_id": item_ids.take(pa.array(ranking.items[user, place])),
                        "score": pa.array(ranking.scores[user, place].astype(np.float64)),
                        "source": pa.array(ranking.sources[user].tolist(), pa.string()),
                    }
                )

    # One shuffle of plain rows: collecting lists per user in Spark costs several times the ranking.
    nothing = F.lit(None).cast("string")
    events = (
        interactions.select("user_id", "item_id", "weight", nothing.alias("segment"))
        .unionByName(
            seen.select("user_id", "item_id", F.lit(0.0).alias("weight"), nothing.alias("segment"))
        )
        .unionByName(
            users.select("user_id", nothing.alias("item_id"), F.lit(0.0).alias("weight"), "segment")
        )
    )
    by_user = events.repartition("user_id").sortWithinPartitions("user_id")
    return by_user.mapInArrow(rank_batches, _SCHEMA).select(*_COLUMNS)
