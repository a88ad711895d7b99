"""``python -m benchmarks.serving``: /predict beside MLflow's scoring server, open loop."""

import argparse
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import mlflow as tracking
import uvloop

from benchmarks.serving import recommend
from benchmarks.serving.load import open_loop
from benchmarks.serving.servers import Server, igniteflow, mlflow, redis
from benchmarks.serving.world import World, build
from igniteflow_core.config.online import OnlineStoreSettings, RedisSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.fraud.artifact import save_ensemble
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.online.connect import connect_online_store
from igniteflow_resources.mlflow import fraud_model

WARM_UP = 500


def _measure(
    name: str, servers: list[Server], path: str, bodies: list[bytes], rate: float, requests: int
) -> None:
    ports = [server.port for server in servers]
    uvloop.run(open_loop(ports, path, bodies, min(rate, 100), WARM_UP))
    before = sum(server.cpu_seconds() for server in servers)
    measured = uvloop.run(open_loop(ports, path, bodies, rate, requests))
    after = sum(server.cpu_seconds() for server in servers)
    milliseconds = (after - before) / requests * 1_000
    print(f"| {name} | {measured.row()} | {milliseconds:.2f} |", flush=True)


def _fill(world: World, settings: OnlineStoreSettings) -> None:
    with closing(connect_online_store(settings)) as store:
        world.fill(store)


def _predict(
    folder: Path, rates: list[float], requests: int, customers: int, replicas: int
) -> None:
    world = build(folder / "source", customers)
    endpoint = Endpoint(folder / "endpoints" / "fraud")
    endpoint.add_version("1", lambda place: save_scorer(world.ensemble, place))
    endpoint.roll_out(Rollout(champion="1"))
    embedded = OnlineStoreSettings(path=str(folder / "online.db"))
    _fill(world, embedded)
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
    with redis(folder) as redis_port:
        _fill(world, OnlineStoreSettings(backend="redis", redis=RedisSettings(port=redis_port)))
        stores = {
            "IgniteFlow, features from Redis": {
                "IGNITEFLOW_ONLINE__BACKEND": "redis",
                "IGNITEFLOW_ONLINE__REDIS__PORT": str(redis_port),
            },
            "IgniteFlow, features from SQLite": {"IGNITEFLOW_ONLINE__PATH": embedded.path},
        }
        for name, variables in stores.items():
            for rate in rates:
                with ExitStack() as running:
                    servers = [
                        running.enter_context(igniteflow(folder / str(number), variables))
                        for number in range(replicas)
                    ]
                    _measure(name, servers, "/predict", world.predict_bodies(), rate, requests)
    for rate in rates:
        with mlflow(folder / "mlflow", folder, replicas) as server:
            name, bodies = "MLflow's server, features given", world.mlflow_bodies()
            _measure(name, [server], "/invocations", bodies, rate, requests)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[500])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--replicas", type=int, default=2, help="processes of each server")
    parser.add_argument("--only", choices=("predict", "recommend"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only != "recommend":
            _predict(
                Path(folder),
                arguments.rates,
                arguments.requests,
                arguments.customers,
                arguments.replicas,
            )
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only != "predict":
            recommend.compare(Path(folder))


if __name__ == "__main__":
    main()
