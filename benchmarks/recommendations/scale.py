"""Seconds of each step from likes to all users' top 10, compared with ``implicit``."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from implicit.als import AlternatingLeastSquares
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from scipy import sparse

from benchmarks.recommendations.quality import show
from igniteflow_core.config.load import load_settings
from igniteflow_core.online.embedded import EmbeddedOnlineStore
from igniteflow_core.online.materialize import user_states, write_states
from igniteflow_core.recommendations.als import fit_als
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.matrix import collect_matrix
from igniteflow_core.recommendations.top_n import recommend_top_n
from igniteflow_core.recommendations.training import (
    count_popularity,
    fit_content,
    fit_members,
    learn_blend,
)
from igniteflow_core.recommendations.user_rows import user_rows
from igniteflow_core.schemas.interactions import INTERACTIONS, ITEMS, RECOMMENDATIONS, USERS

SEED = 7
N = 10
FILES = 4
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
    rows: list[dict[str, object]] = []

    def timed(step: str, call: Callable, peer: Callable | None = None):
        start = time.perf_counter()
        result = call()
        ours = time.perf_counter() - start
        theirs = None
        if peer is not None:
            start = time.perf_counter()
            peer()
            theirs = time.perf_counter() - start
        ratio = None if theirs is None else ours / theirs
        rows.append({"step": step, "IgniteFlow s": ours, "implicit s": theirs, "ratio": ratio})
        print(f"{len(drawn):,} likes: {step}: {ours:.1f} s", file=sys.stderr, flush=True)
        return result

    likes = sparse.csr_matrix(
        (np.ones(len(drawn), dtype=np.float32), (drawn["user"], drawn["item"])), (users, items)
    )
    peer = AlternatingLeastSquares(
        factors=settings.als.rank, iterations=settings.als.max_iter, random_state=SEED,
        regularization=5.0, alpha=settings.als.alpha, num_threads=2,
    )  # fmt: skip
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(EmbeddedOnlineStore(Path(folder, "online.db"), 3_600)) as store,
    ):
        tables = _write(spark, drawn, users, items, folder)
        people, catalogue = tables[USERS.name], tables[ITEMS.name]
        interactions = tables[INTERACTIONS.name].persist()
        timed("likes read from Delta and cached", interactions.count)
        item_ids, content = timed("content", lambda: fit_content(catalogue, settings))
        als = timed(
            "ALS",
            lambda: fit_als(interactions, settings.als, settings.seed),
            lambda: peer.fit(likes, show_progress=False),
        )
        matrix = timed("likes to a sparse matrix", lambda: collect_matrix(interactions, item_ids))
        weights = timed(
            "blend: second ALS and EASE on a sample, weights",
            lambda: learn_blend(interactions, people, matrix.user_ids, item_ids, content, settings),
        )
        popularity = timed(
            "popularity", lambda: count_popularity(interactions, people, item_ids, settings)
        )
        members = timed(
            "EASE, new items placed",
            lambda: fit_members(als, matrix, content, popularity, settings),
        )
        hybrid = HybridRecommender(item_ids, members, weights)
        made = recommend_top_n(people, interactions, interactions, hybrid, N)
        path = f"{folder}/{RECOMMENDATIONS.name}"
        timed(
            "top 10 of every user, all members blended, to Delta",
            lambda: made.withColumn("model_version", F.lit("1")).write.format("delta").save(path),
            lambda: peer.recommend(np.arange(users), likes, N=N),
        )
        lists = spark.read.format("delta").load(path)
        online = user_rows(interactions, interactions, people, lists)
        states = user_states((row.asDict() for row in online.toLocalIterator()), as_of=1)
        timed("likes and lists to the online store", lambda: write_states(store, states))
        listed, held = lists.count(), store.count("user")
        interactions.unpersist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n### {len(drawn):,} likes, {users:,} users, {items:,} items; {listed:,} rows and "
          f"{held:,} states written; peak of the driver's Python {peak:.1f} GiB\n")  # fmt: skip
    show(pd.DataFrame(rows))


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
        path = Path(lake, contract.name)
        path.mkdir()
        rows = -(-table.num_rows // FILES)
        for part in range(FILES):
            pq.write_table(table.slice(part * rows, rows), path / f"{part}.parquet")
        spark.sql(f"CONVERT TO DELTA parquet.`{path}`")
        tables[contract.name] = spark.read.format("delta").load(str(path))
    return tables
