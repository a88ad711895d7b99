"""SIGKILL to an executor of a Spark cluster, while the run's tables are written by it."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.under_load import kill_under_load, runs_of
from tests.spark_cluster import SMALL_RUN, spark_cluster

_FAULT = "kill an executor"
_ASSETS = [
    "raw_transactions",
    "transactions",
    "quarantined_transactions",
    "customers",
    "quarantined_customers",
]
_BACKEND = "CoarseGrainedExecutorBackend"
_THERE_WITHIN_SECONDS = 60.0


def executor_kills(campaign: Campaign) -> None:
    """Kill executors of a master and two workers; the run goes on with those that are started."""
    campaign.copy_of_reference()
    with spark_cluster(campaign.home, {}) as cluster:
        variables = campaign.variables(
            SPARK__MASTER=cluster.master,
            SPARK__DRIVER_MEMORY="1g",
            SPARK__CONFIG=json.dumps(SMALL_RUN),
        )
        with runs_of(_ASSETS, variables) as start:
            kill_under_load(campaign, _kill_one(campaign), _FAULT, _ASSETS, start)
    campaign.compare(_FAULT)


def _kill_one(campaign: Campaign) -> Callable[[], None]:
    def kill() -> None:
        deadline = time.monotonic() + _THERE_WITHIN_SECONDS
        while not (executors := _executors(campaign.home)):
            if time.monotonic() > deadline:
                raise TimeoutError("the workers have started no executor")
            time.sleep(0.1)
        campaign.chance.choice(executors).kill()

    return kill


def _executors(cluster: Path) -> list[psutil.Process]:
    """The executors of the cluster that keeps its files there."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if any(_BACKEND in part for part in process.info["cmdline"] or ())
        and (process.info["cwd"] or "").startswith(str(cluster))
    ]
