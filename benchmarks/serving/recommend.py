"""/recommend compared with a NumPy dot product and top-k of the vectors, by time and processor."""

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.serving.servers import igniteflow
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.recommendations.artifact import save_recommender
from igniteflow_core.recommendations.blend import BlendWeights
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.popularity import PopularityModel

RANK, DIMENSIONS, HEAD, REQUESTS = 16, 64, 2_000, 500
WARM_UP = 20
SIZES = (10_000, 100_000)


def random_recommender(items: int, head: int = HEAD) -> HybridRecommender:
    random = np.random.default_rng(0)
    factors = random.normal(size=(items, RANK)).astype(np.float32)
    content = random.normal(size=(items, DIMENSIONS)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    return HybridRecommender(
        item_ids=np.array([f"I{n:06d}" for n in range(items)]),
        members=Members(
            popularity=PopularityModel(
                random.integers(1, 500, items).astype(np.float64),
                1.0,
                np.array([], dtype=np.str_),
                np.zeros((0, items)),
                10.0,
            ),
            content=ContentModel(content),
            als=AlsRanker(factors, (factors.T @ factors).astype(np.float64), 0.5, 2.0),
            item_item=ItemItemModel(
                np.arange(head), random.normal(size=(head, head)).astype(np.float32), items
            ),
        ),
        weights=BlendWeights(
            np.array([0.0, 10.0]),
            np.array([[1.0, 0, 0, 0], [0.1, 0.2, 0.4, 0.3]]),
            np.array([[0.0, 1, 0], [0.0, 1, 1]]),
        ),
    )


def _timed(work: Callable[[int], object]) -> np.ndarray:
    for number in range(WARM_UP):
        work(number)
    times = np.zeros(REQUESTS)
    for number in range(REQUESTS):
        started = time.perf_counter()
        work(number)
        times[number] = (time.perf_counter() - started) * 1_000
    return times


def compare(folder: Path) -> None:
    for items in SIZES:
        _compare(folder / str(items), items)


def _compare(folder: Path, items: int) -> None:
    folder.mkdir(parents=True)
    recommender = random_recommender(items)
    endpoint = Endpoint(folder / "endpoints" / "recommender")
    endpoint.add_version("1", lambda place: save_recommender(recommender, place))
    endpoint.roll_out(Rollout(champion="1"))
    vectors = np.hstack([recommender.members.als.item_factors, recommender.members.content.vectors])
    users = np.random.default_rng(1).normal(size=(REQUESTS, RANK + DIMENSIONS)).astype(np.float32)

    def dot_and_top_k(number: int) -> object:
        scores = vectors @ users[number]
        best = np.argpartition(scores, items - 10)[-10:]
        return best[np.argsort(-scores[best])]

    before = time.process_time()
    floor = _timed(dot_and_top_k)
    numpy_used = time.process_time() - before
    random = np.random.default_rng(2)
    bodies = [
        json.dumps({"liked": [f"I{n:06d}" for n in random.integers(0, items, 20)], "n": 10})
        for _ in range(REQUESTS)
    ]
    online = {"IGNITEFLOW_ONLINE__PATH": str(folder / "empty.db")}
    with igniteflow(folder / "0", online) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        def ask(number: int) -> object:
            connection.request("POST", "/recommend", bodies[number])
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return answer.read()

        before = server.cpu_seconds()
        served = _timed(ask)
        server_used = server.cpu_seconds() - before
    print(f"\n## /recommend, {items:,} items, one request after the other\n")
    print("| what | p50 ms | p99 ms | processor ms each |\n|---|---:|---:|---:|")
    for name, times, used in (
        ("NumPy dot product and top-k", floor, numpy_used),
        ("/recommend over HTTP", served, server_used),
    ):
        p50, p99 = np.quantile(times, (0.5, 0.99))
        each = used * 1_000 / (REQUESTS + WARM_UP)
        print(f"| {name} | {p50:.1f} | {p99:.1f} | {each:.2f} |")
    p50, p99 = np.quantile(served, (0.5, 0.99)) / np.quantile(floor, (0.5, 0.99))
    print(f"\nRatio to NumPy: {p50:.1f} (p50), {p99:.1f} (p99).")
