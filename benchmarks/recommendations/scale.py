"""Seconds of each step from likes to every user's top 10, beside ``implicit`` on the same likes."""

import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from implicit.als import AlternatingLeastSquares
from pyspark.sql import DataFrame, SparkSession
from scipy import sparse

from benchmarks.recommendations.quality import show
from igniteflow_core.config.load import load_settings
from igniteflow_core.recommendations.als import fit_als
from igniteflow_core.recommendations.matrix import collect_matrix
from igniteflow_core.recommendations.top_n import recommend_top_n
from igniteflow_core.recommendations.training import fit_content, train_hybrid
from igniteflow_core.schemas.interactions import INTERACTIONS, ITEMS, USERS

SEED = 7
N = 10
LIKES_A_USER = 50
CLUSTERS = 40


def draw(size: int) -> tuple[pd.DataFrame, int, int]:
    """About ``size`` likes of users in taste clusters, Zipf-like over items and users."""
    rng = np.random.default_rng(SEED)
    users, items = size // LIKES_A_USER, int(np.sqrt(size) * 3)
    popularity = 1.0 / (10 + rng.permutation(items)) ** 0.8
    activity = rng.lognormal(0, 0.8, users)
    cluster_of = rng.integers(CLUSTERS, size=users)
    drawn = 1.25 * size * activity / activity.sum()
    user, item = [], []
    for cluster in range(CLUSTERS):
        odds = popularity * rng.lognormal(0, 1.5, items)
        of_cluster = np.flatnonzero(cluster_of == cluster)
        count = rng.poisson(drawn[of_cluster])
        user.append(np.repeat(of_cluster, count))
        item.append(np.searchsorted(np.cumsum(odds / odds.sum()), rng.random(count.sum())))
    cells = np.unique(np.concatenate(user) * items + np.minimum(np.concatenate(item), items - 1))
    cells = np.sort(rng.permutation(cells)[:size])
    return pd.DataFrame({"user": cells // items, "item": cells % items}), users, items


def measure_scale(spark: SparkSession, size: int) -> None:
    drawn, users, items = draw(size)
    settings = load_settings().recommendations
    seconds: dict[str, tuple[float | None, float | None]] = {}

    def timed(step: str, call: Callable):
        start = time.perf_counter()
        result = call()
        taken = time.perf_counter() - start
        print(f"{len(drawn):,} likes: {step}: {taken:.1f} s", file=sys.stderr, flush=True)
        return result, taken

    with tempfile.TemporaryDirectory() as lake:
        tables = _write(spark, drawn, users, items, lake)
        interactions = tables[INTERACTIONS.name].persist()
        item_ids, content = fit_content(tables[ITEMS.name], settings)
        _, read = timed("matrix", lambda: collect_matrix(interactions, item_ids))
        als, fit = timed("ALS", lambda: fit_als(interactions, settings.als, settings.seed))
        hybrid, train = timed(
            "hybrid",
            lambda: train_hybrid(
                interactions, tables[USERS.name], item_ids, content, als, settings
            ),
        )
        made = recommend_top_n(tables[USERS.name], interactions, interactions, hybrid, N)
        _, rank = timed(
            "top 10",
            lambda: made.write.format("delta").mode("overwrite").save(f"{lake}/recommendations"),
        )
        listed = spark.read.format("delta").load(f"{lake}/recommendations").count()
    likes = sparse.csr_matrix(
        (np.ones(len(drawn), dtype=np.float32), (drawn["user"], drawn["item"])), (users, items)
    )
    peer = AlternatingLeastSquares(
        factors=settings.als.rank, iterations=settings.als.max_iter, random_state=SEED,
        regularization=5.0, alpha=settings.als.alpha, num_threads=2,
    )  # fmt: skip
    _, peer_fit = timed("implicit ALS", lambda: peer.fit(likes, show_progress=False))
    _, peer_rank = timed("implicit top 10", lambda: peer.recommend(np.arange(users), likes, N=N))
    seconds = {
        "likes to a sparse matrix": (read, None),
        "ALS": (fit, peer_fit),
        "hybrid: validation split, its ALS, EASE, blend": (train, None),
        "top 10 of every user, all members blended, to Delta": (rank, peer_rank),
    }
    print(f"\n### {len(drawn):,} likes, {users:,} users, {items:,} items; "
          f"{listed:,} rows written\n")  # fmt: skip
    show(
        pd.DataFrame(
            [
                {"step": step, "IgniteFlow s": ours, "implicit s": theirs}
                for step, (ours, theirs) in seconds.items()
            ]
        )
    )


def _write(
    spark: SparkSession, drawn: pd.DataFrame, users: int, items: int, lake: str
) -> dict[str, DataFrame]:
    """The tables as the platform has them, on Delta."""
    names = np.array([f"U{number:07d}" for number in range(users)])
    item_ids = np.array([f"I{number:07d}" for number in range(items)])
    start = np.datetime64("2025-01-01T00:00:00", "us")
    times = start + (np.arange(len(drawn)) % 5_000_000).astype("timedelta64[s]")
    frames = {
        INTERACTIONS: pa.table(
            {
                "user_id": pa.array(names[drawn["user"]]),
                "item_id": pa.array(item_ids[drawn["item"]]),
                "weight": np.ones(len(drawn)),
                "event_time": pa.array(times, pa.timestamp("us", tz="UTC")),
            }
        ),
        USERS: pa.table(
            {"user_id": names.tolist(), "segment": [f"s{n % 5}" for n in range(users)]}
        ),
        ITEMS: pa.table(
            {
                "item_id": item_ids.tolist(),
                "title": [f"title {number % 997}" for number in range(items)],
                "categories": [[f"c{number % 30}"] for number in range(items)],
                "in_stock": [True] * items,
            }
        ),
    }
    tables = {}
    for contract, table in frames.items():
        path = f"{lake}/{contract.name}"
        spark.createDataFrame(table).write.format("delta").mode("overwrite").save(path)
        tables[contract.name] = spark.read.format("delta").load(path)
    return tables
