"""/predict compared with MLflow's scoring server, with an open-loop load."""

from contextlib import ExitStack
from pathlib import Path

import mlflow as tracking
import uvloop

from benchmarks.serving.load import Ask, open_loop
from benchmarks.serving.servers import Server, igniteflow, mlflow
from benchmarks.serving.world import World, deploy, fill, on_redis
from igniteflow_core.config.online import OnlineStoreSettings
from igniteflow_core.fraud.artifact import save_ensemble
from igniteflow_resources.mlflow import fraud_model
from tests.redis_server import redis_server

WARM_UP = 500


def _measure(name: str, servers: list[Server], asks: list[Ask], rate: float, requests: int) -> None:
    ports = [server.port for server in servers]
    uvloop.run(open_loop(ports, asks, min(rate, 100), WARM_UP))
    before = sum(server.cpu_seconds() for server in servers)
    measured = uvloop.run(open_loop(ports, asks, rate, requests))
    after = sum(server.cpu_seconds() for server in servers)
    milliseconds = (after - before) / requests * 1_000
    print(f"| {name} | {measured.row()} | {milliseconds:.2f} |", flush=True)


def compare(folder: Path, world: World, rates: list[float], requests: int, replicas: int) -> None:
    """Print one row per server and rate."""
    deploy(folder, world)
    embedded = OnlineStoreSettings(path=str(folder / "online.db"))
    fill(world, embedded)
    save_ensemble(world.ensemble, folder / "ensemble")
    tracking.pyfunc.save_model(
        path=folder / "mlflow",
        python_model=str(Path(fraud_model.__file__)),
        artifacts={"model": str(folder / "ensemble")},
        pip_requirements=[],
    )
    print("## One transaction a request, open loop\n")
    columns = "requests/s | requests | p50 ms | p99 ms | p99.9 ms | errors | CPU ms a request"
    print(f"| server | {columns} |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    asks = [("/predict", body) for body in world.predict_bodies()]
    with redis_server(folder) as store:
        stores = {
            "IgniteFlow, features from Redis": on_redis(world, store.port),
            "IgniteFlow, features from SQLite": {"IGNITEFLOW_ONLINE__PATH": embedded.path},
        }
        for name, variables in stores.items():
            for rate in rates:
                with ExitStack() as running:
                    servers = [
                        running.enter_context(igniteflow(folder / str(number), variables))
                        for number in range(replicas)
                    ]
                    _measure(name, servers, asks, rate, requests)
    given = [("/invocations", body) for body in world.mlflow_bodies()]
    for rate in rates:
        with mlflow(folder / "mlflow", folder, replicas) as server:
            _measure("MLflow's server, features given", [server], given, rate, requests)
