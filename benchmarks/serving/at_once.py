"""The delay until a user's recommendations change after an event, under other load."""

import asyncio
import http.client
import json
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving.load import Ask, open_loop
from benchmarks.serving.recommend import random_recommender
from benchmarks.serving.servers import igniteflow
from igniteflow_core.config.online import OnlineStoreSettings, RedisSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import EntityKey, StoredState
from igniteflow_core.recommendations.artifact import save_recommender
from tests.redis_server import redis_server

ITEMS, HEAD, USERS, LIKES = 10_000, 1_000, 5_000, 20
EVENTS, REQUESTS, PROBES = 100, 200, 20
"""Rates per second; the probes are some of the events."""


def _outcome(user: int, item: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    entry = {"kind": "outcome", "user_id": f"U{user}", "item_id": item, "action": "view"}
    return json.dumps({"feedback": [entry | {"event_time": now}]}).encode()


def _write_histories(port: int) -> None:
    settings = OnlineStoreSettings(backend="redis", redis=RedisSettings(port=port))
    random = np.random.default_rng(0)
    with closing(connect_online_store(settings)) as store:
        states = {}
        for user in range(USERS):
            items = [f"I{item:06d}" for item in random.choice(ITEMS, 2 * LIKES, replace=False)]
            liked = dict.fromkeys(items[:LIKES], 1.0)
            listed = {item: 1.0 / (1 + at) for at, item in enumerate(items[LIKES:])}
            history = UserHistory(liked, tuple(items[:LIKES]), None, listed, "1")
            states[EntityKey("user", f"U{user}")] = StoredState(history.to_bytes(), 1)
        store.write(states)


class _Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def post(self, path: str, body: bytes) -> Any:
        self._connection.request("POST", path, body)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return json.loads(content)

    def first(self, user: int) -> str:
        body = json.dumps({"user_id": f"U{user}"}).encode()
        return str(self.post("/recommend", body)["items"][0]["item_id"])


def _probe(port: int, seconds: float, times: list[float]) -> None:
    """Sends a view of the first item of a user's list, and polls until another item is first."""
    client = _Client(port)
    random = np.random.default_rng(1)
    begin = time.perf_counter()
    for number in range(int(seconds * PROBES)):
        time.sleep(max(0.0, begin + number / PROBES - time.perf_counter()))
        user = int(random.integers(USERS))
        item = client.first(user)
        body = _outcome(user, item)
        started = time.perf_counter()
        client.post("/feedback", body)
        while client.first(user) == item:
            pass
        times.append((time.perf_counter() - started) * 1_000)


def measure(folder: Path, seconds: float) -> None:
    folder.mkdir()
    recommender = random_recommender(ITEMS, HEAD)
    endpoint = Endpoint(folder / "endpoints" / "recommender")
    endpoint.add_version("1", lambda place: save_recommender(recommender, place))
    endpoint.roll_out(Rollout(champion="1"))
    random = np.random.default_rng(2)
    others = EVENTS - PROBES
    rate = REQUESTS + others
    total = int(rate * seconds)
    with redis_server(folder) as redis:
        _write_histories(redis.port)
        variables = {
            "IGNITEFLOW_ONLINE__BACKEND": "redis",
            "IGNITEFLOW_ONLINE__REDIS__PORT": str(redis.port),
        }
        with igniteflow(folder / "0", variables) as server:
            asks: list[Ask] = [
                ("/feedback", _outcome(int(user), f"I{int(random.integers(ITEMS)):06d}"))
                if number % rate < others
                else ("/recommend", json.dumps({"user_id": f"U{user}"}).encode())
                for number, user in enumerate(random.integers(0, USERS, total))
            ]
            random.shuffle(asks)
            times: list[float] = []
            probe = threading.Thread(target=_probe, args=(server.port, seconds, times))
            before = server.cpu_seconds()
            probe.start()
            load = asyncio.run(open_loop([server.port], asks, rate, total))
            probe.join()
            used = server.cpu_seconds() - before
    p50, p99 = np.quantile(times, (0.5, 0.99))
    print(f"\n## From an event to another list: {EVENTS} events/s beside {REQUESTS} requests/s\n")
    print("| | n | p50 ms | p99 ms | longest ms |\n|---|---:|---:|---:|---:|")
    print(f"| event to changed list | {len(times)} | {p50:.1f} | {p99:.1f} | {max(times):.1f} |")
    print("\n| others, rate/s | n | p50 ms | p99 ms | p99.9 ms | errors |")
    print("|---|---:|---:|---:|---:|---:|")
    print(f"| {load.row()} |")
    print(f"\nThe server used {used / seconds:.2f} cores.")
