"""An S3 that is late, loses connections or refuses, while the lake on it is written."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.fault_proxy import Weather, fault_proxy
from benchmarks.chaos.under_load import left_in_peace, lost_for_good, runs_of
from igniteflow_resources.spark.jars import fetch_jars
from tests.aws_server import KEYS, REGION, aws_server, download, new_bucket

_FAULT = "disturb S3"
_ASSETS = [
    "customers",
    "quarantined_customers",
    "terminals",
    "quarantined_terminals",
]
_BUCKET = "igniteflow"
_JARS = Path(".jars/s3a").resolve()
_PRODUCTION = Path("config/prod.json")
_WEATHERS: dict[str, dict[str, float]] = {
    "all of it": {"late": 0.2, "longest_seconds": 0.5, "refused": 0.1, "lost": 0.05},
    "away": {"lost": 1.0},
    "late": {"late": 0.5, "longest_seconds": 1.0},
    "refusing": {"refused": 0.2},
    "losing": {"lost": 0.1},
}
_VARIABLES = {name.upper(): value for name, value in KEYS.items()} | {"AWS_REGION": REGION}


def slow_s3(campaign: Campaign) -> None:
    """Run in each weather in turn; afterwards every table is whole and as undisturbed."""
    spark = json.loads(_PRODUCTION.read_text())["spark"]
    fetch_jars(_JARS, tuple(spark["packages"]), tuple(spark["excluded_packages"]))
    campaign.copy_of_reference()
    with aws_server() as s3, fault_proxy(s3, campaign.chance) as proxy:
        bucket = new_bucket(s3, _BUCKET)
        variables = {**_variables(campaign, proxy.port), **_VARIABLES}
        with runs_of(_ASSETS, variables) as start:
            left_in_peace(start())
            for number in campaign.numbers():
                name = list(_WEATHERS)[number % len(_WEATHERS)]
                proxy.weather = Weather(**_WEATHERS[name])
                lost = lost_for_good(start())
                met = ", ".join(f"{count} {fault}" for fault, count in proxy.weather.met.items())
                campaign.ledger.add(_FAULT, f"{name}: {met}", "; ".join(lost))
            proxy.weather = Weather()
            left_in_peace(start())
        _fetch(bucket, campaign.home)
    campaign.compare(_FAULT)


def _variables(campaign: Campaign, port: int) -> Mapping[str, str]:
    properties = {
        "spark.hadoop.fs.s3a.endpoint": f"http://127.0.0.1:{port}",
        "spark.hadoop.fs.s3a.endpoint.region": REGION,
        "spark.hadoop.fs.s3a.path.style.access": "true",
    }
    return campaign.variables(
        LAKE__ROOT=f"s3a://{_BUCKET}/lake",
        SPARK__JARS_DIR=str(_JARS),
        SPARK__CONFIG=json.dumps(properties),
    )


def _fetch(bucket: Any, home: Path) -> None:
    """Replace the tables of the home by those in the bucket."""
    for table in {file.key.split("/")[1] for file in bucket.objects.filter(Prefix="lake/")}:
        shutil.rmtree(home / "lake" / table, ignore_errors=True)
    download(bucket, "lake/", home)
