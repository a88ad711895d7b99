"""The lake on an S3 that is slow, refuses requests and cuts connections."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from benchmarks.chaos.fault_proxy import FAULTS, fault_proxy
from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.under_load import left_in_peace, lost_for_good, runs_of
from igniteflow_resources.spark.jars import fetch_jars

FAULT = "S3 slow and failing"
BUCKET = "igniteflow"
JARS = Path(".jars/s3a")
ASSETS = ("raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals")


def failing_s3(
    reference: Reference, home: Path, rounds: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Each round disturbs a larger share of the requests; the last run is left in peace."""
    production = json.loads(Path("config/prod.json").read_text())["spark"]
    fetch_jars(JARS, tuple(production["packages"]), tuple(production["excluded_packages"]))
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        with fault_proxy(host, port, chance) as proxy:
            bucket = boto3.resource(
                "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1",
                aws_access_key_id="chaos",
                aws_secret_access_key="chaos",  # noqa: S106 - moto takes any
            ).create_bucket(Bucket=BUCKET)  # fmt: skip
            variables = variables_of(
                home,
                reference.source,
                LAKE__ROOT=f"s3a://{BUCKET}/lake",
                SPARK__JARS_DIR=str(JARS.resolve()),
                SPARK__CONFIG=json.dumps(_properties(f"http://127.0.0.1:{proxy.port}")),
            )
            with runs_of(ASSETS, variables) as run:
                left_in_peace(run())
                for number in range(rounds):
                    if is_time_over():
                        break
                    proxy.share = 0.05 * (number + 1)
                    before = proxy.met.copy()
                    wrong = lost_for_good(run())
                    for fault in FAULTS:
                        for _ in range(proxy.met[fault] - before[fault]):
                            ledger.add(FAULT, f"a connection {fault}")
                    for each in wrong:
                        ledger.add(FAULT, "comparison", each)
                proxy.share = 0.0
                left_in_peace(run())
            for file in bucket.objects.filter(Prefix="lake/"):
                target = home / file.key
                target.parent.mkdir(parents=True, exist_ok=True)
                bucket.download_file(file.key, str(target))
    finally:
        server.stop()
    ledger.compare(FAULT, reference.home, home, variables_of(home, reference.source), ASSETS)


def _properties(endpoint: str) -> dict[str, str]:
    return {
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.access.key": "chaos",
        "spark.hadoop.fs.s3a.secret.key": "chaos",
    }
