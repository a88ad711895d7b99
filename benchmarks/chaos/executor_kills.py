"""Executors of a Spark cluster are killed while runs use it."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.under_load import kill_under_load
from tests.spark_cluster import spark_cluster

FAULT = "kill a Spark executor"
ASSETS = (
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "fraud_features", "fraud_training_set", "ratings", "quarantined_ratings", "users", "items",
    "events", "quarantined_events", "interactions", "als_model",
)  # fmt: skip


def executor_kills(
    reference: Reference, home: Path, kills: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Each run loses one of its two executors, for which the cluster starts another."""
    home.mkdir(parents=True)
    with spark_cluster(home, {}) as cluster:
        variables = variables_of(
            home,
            reference.source,
            SPARK__MASTER=cluster.master,
            SPARK__DRIVER_MEMORY="1g",
            SPARK__CONFIG=json.dumps(_PROPERTIES),
        )

        def kill() -> None:
            executors = _executors(cluster.master)
            if executors:
                chance.choice(executors).kill()

        kill_under_load(kill, FAULT, ASSETS, variables, kills, ledger, chance, is_time_over)
    ledger.compare(FAULT, reference.home, home, variables_of(home, reference.source), ASSETS)


_PROPERTIES = {
    "spark.executor.memory": "768m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-Xss8m -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-Xss8m -XX:TieredStopAtLevel=1",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.ui.enabled": "false",
}


def _executors(master: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        # A worker's address names the master's port, so that no other cluster's is hit.
        if "CoarseGrainedExecutorBackend" in command and _is_below(process, master):
            found.append(process)
    return found


def _is_below(process: psutil.Process, master: str) -> bool:
    try:
        return any(master in " ".join(each.cmdline()) for each in process.parents())
    except psutil.NoSuchProcess:
        return False
