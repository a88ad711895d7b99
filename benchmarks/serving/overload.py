"""/predict at its rated load, at twice the rated load, and at the rated load again."""

import hashlib
import json
import secrets
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import uvloop

from benchmarks.serving.load import Measured, open_loop
from benchmarks.serving.servers import igniteflow
from benchmarks.serving.world import World, deploy, on_redis
from tests.redis_server import redis_server

WARM_UP = 500
AS_BEFORE = 2
"""Multiple of the p99 before the overload below which a second counts as recovered."""


def _seconds_to_recover(before: Measured, after: Measured) -> str:
    """Return the first second in which all requests succeed with about the previous latency."""
    limit = AS_BEFORE * float(np.quantile(before.latencies, 0.99))
    a_second = int(after.rate)
    for second in range(len(after.latencies) // a_second):
        these = slice(second * a_second, (second + 1) * a_second)
        p99 = float(np.quantile(after.latencies[these], 0.99))
        if (after.statuses[these] == 200).all() and p99 <= limit:
            return str(second)
    return f"more than {len(after.latencies) // a_second}"


def _row(what: str, measured: Measured) -> str:
    answered = measured.statuses == 200
    rejections = measured.latencies[~answered]
    p50, p99 = np.quantile(measured.latencies[answered], (0.5, 0.99))
    counts = [int((measured.statuses == status).sum()) for status in (429, 503)]
    others = len(measured.statuses) - int(answered.sum()) - sum(counts)
    refused = f"{np.quantile(rejections, 0.99):.1f}" if len(rejections) else ""
    return (
        f"| {what} | {measured.rate:,.0f} | {answered.mean():.1%} | {counts[0]:,} | {counts[1]:,} "
        f"| {others} | {p50:.1f} | {p99:.1f} | {refused} |"
    )


def measure(folder: Path, world: World, rate: float, seconds: int, replicas: int) -> None:
    """Print the three phases with each of the two limits, and the seconds until recovery.

    Args:
        folder: working folder.
        world: the model and the requests.
        rate: rated load in requests per second.
        seconds: duration of each phase.
        replicas: number of processes of the API.
    """
    deploy(folder, world)
    asks = [("/predict", body) for body in world.predict_bodies()]
    key = secrets.token_hex(32)
    limited = {
        "name": "load",
        "sha256": hashlib.sha256(key.encode()).hexdigest(),
        "requests_per_minute": round(rate * 60 / replicas),
    }
    limits = {
        "what may be under way": ({}, b""),
        "the key's rate": (
            {"IGNITEFLOW_SERVING__API_KEYS": json.dumps([limited])},
            f"X-API-Key: {key}\r\n".encode(),
        ),
    }
    print(f"## At {rate:,.0f} requests/s, at twice that, and again; {replicas} replicas\n")
    columns = "requests/s | answered | 429 | 503 | others | p50 ms | p99 ms | p99 ms of refusals"
    print(f"| limited by, phase | {columns} |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for limit, (variables, header) in limits.items():
        with redis_server(folder) as store, ExitStack() as running:
            servers = [
                running.enter_context(
                    igniteflow(folder / str(number), on_redis(world, store.port) | variables)
                )
                for number in range(replicas)
            ]
            ports = [server.port for server in servers]
            uvloop.run(open_loop(ports, asks, min(rate, 100), WARM_UP, header))
            phases = {"before": rate, "overload": 2 * rate, "after": rate}
            measured = {
                phase: uvloop.run(open_loop(ports, asks, offered, int(offered * seconds), header))
                for phase, offered in phases.items()
            }
        for phase, each in measured.items():
            print(_row(f"{limit}, {phase}", each))
        recovered = _seconds_to_recover(measured["before"], measured["after"])
        print(f"\nAs before after {recovered} s.\n", flush=True)
