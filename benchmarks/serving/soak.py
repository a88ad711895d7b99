"""A soak test with mixed requests and rollouts of versions: no resource of the server may grow."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import uvloop

from benchmarks.serving.load import Ask, open_loop
from benchmarks.serving.recommend import random_recommender
from benchmarks.serving.servers import Server, igniteflow
from benchmarks.serving.world import World, deploy, on_redis
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.recommendations.artifact import save_recommender
from tests.redis_server import redis_server

ITEMS = 2_000
FEWEST_MINUTES = 10
SETTLED_SECONDS = 2
"""Time until the server has closed the load's connections."""
MAY_GROW = {"threads": min(32, (os.cpu_count() or 1) + 4), "files": 0, "connections": 32}
"""Allowed growth after the first half: asyncio's threads and Redis's connections under bursts."""
WARM_UP_SHARE = 0.2
"""Share of the minutes in which caches fill and the allocator reserves memory."""
MOST_GROWTH = 0.02
"""Allowed growth of memory over all minutes after the warm-up, by a linear fit."""


@dataclass(frozen=True)
class Minute:
    """The server at the end of a minute, and the minute's requests."""

    resident_mib: float
    threads: int
    files: int
    connections: int
    segments: int
    log_mib: float
    p50_ms: float
    p99_ms: float
    refused_input: int
    other_errors: int


def asks(world: World) -> list[Ask]:
    """Return requests of which 14 in 20 are /predict, and the others use all other routes."""
    random = np.random.default_rng(3)
    singles = world.predict_bodies()
    mixed: list[Ask] = []
    for number in range(0, len(singles) - 20, 14):
        mixed += [("/predict", body) for body in singles[number : number + 14]]
        several = b",".join(singles[number : number + 8])
        liked = [f"I{n:06d}" for n in random.integers(0, ITEMS, 10)]
        label = {
            "kind": "label",
            "transaction_id": f"X{number}",
            "is_fraud": False,
            "event_time": "2025-02-20T08:00:00Z",
        }
        others: dict[str, object] = {
            "/recommend": {"liked": liked, "n": 10},
            "/similar": {"item_id": liked[0], "n": 10},
            "/feedback": {"feedback": [label]},
        }
        mixed += [(path, json.dumps(body).encode()) for path, body in others.items()]
        mixed += [
            ("/predict", b'{"transactions": [' + several + b"]}"),
            ("/predict", b'{"transaction_id": "no more"'),
            (f"/nothing/{number}", b"{}"),
        ]
    return mixed


def _sample(server: Server, log: Path, latencies: np.ndarray, statuses: np.ndarray) -> Minute:
    with server.process.oneshot():
        resident = server.process.memory_info().rss
        threads, files = server.process.num_threads(), len(server.process.open_files())
        connections = len(server.process.net_connections())
    segments = [path for path in log.rglob("*") if path.is_file()]
    refused = np.isin(statuses, (404, 422))
    p50, p99 = np.quantile(latencies, (0.5, 0.99))
    return Minute(
        resident_mib=resident / 2**20,
        threads=threads,
        files=files,
        connections=connections,
        segments=len(segments),
        log_mib=sum(path.stat().st_size for path in segments) / 2**20,
        p50_ms=float(p50),
        p99_ms=float(p99),
        refused_input=int(refused.sum()),
        other_errors=int(((statuses != 200) & ~refused).sum()),
    )


def grown(minutes: pd.DataFrame) -> list[str]:
    """Return the resources that have grown after the warm-up."""
    warm = minutes.iloc[int(len(minutes) * WARM_UP_SHARE) :]
    memory = warm["resident_mib"]
    slope = np.polyfit(np.arange(len(memory)), memory, 1)[0]
    share = slope * len(memory) / memory.mean()
    print(
        f"\nMemory: {slope * 60:+.2f} MiB an hour, {share:+.2%} from the first to the last minute."
    )
    memory_growth = [f"memory, by {share:.1%}"] if share > MOST_GROWTH else []
    half = len(warm) // 2
    return memory_growth + [
        name
        for name, more in MAY_GROW.items()
        if warm[name][half:].max() > warm[name][:half].max() + more
    ]


def run(folder: Path, world: World, minutes: int, rate: int) -> bool:
    """Print the server's state by minute; return False if a resource grew or a request failed.

    Every other minute, another version of both models is rolled out.
    """
    fraud, shop = (Endpoint(folder / "endpoints" / name) for name in ("fraud", "recommender"))
    for version in ("2", "1"):
        deploy(folder, world, version)
        shop.add_version(
            version, lambda place: save_recommender(random_recommender(ITEMS, 500), place)
        )
        shop.roll_out(Rollout(champion=version))
    mixed = asks(world)
    sampled: list[Minute] = []
    with (
        redis_server(folder) as store,
        igniteflow(folder / "0", on_redis(world, store.port)) as server,
    ):
        for minute in range(minutes):
            if minute % 2:
                for endpoint in (fraud, shop):
                    endpoint.roll_out(Rollout(champion=str(minute // 2 % 2 + 1)))
            measured = uvloop.run(open_loop([server.port], mixed, rate, rate * 60))
            time.sleep(SETTLED_SECONDS)
            log = folder / "0" / "log"
            sampled.append(_sample(server, log, measured.latencies, measured.statuses))
            print(minute + 1, asdict(sampled[-1]), flush=True)
    table = pd.DataFrame([asdict(each) for each in sampled], index=range(1, minutes + 1))
    print(f"\n## {minutes} minutes at {rate} requests/s\n")
    print(table.round(1).to_markdown())
    failed = int(table["other_errors"].sum())
    growing = grown(table)
    print(f"Growing resources: {', '.join(growing) or 'none'}. Failed requests: {failed}.")
    return not growing and not failed
