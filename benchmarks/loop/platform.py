"""The nightly runs of the platform, and the runs that Dagster's daemon starts after them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg

from benchmarks.loop.home import SENSORS
from benchmarks.loop.plan import DAY, LABEL_DELAY, PAST_STARTS, YEAR_STARTS
from igniteflow_assets.definitions import defs
from igniteflow_assets.monitoring.watched_model import FRAUD
from igniteflow_core.drift.episodes import DriftEpisode

INGESTION = ("raw_transactions", "transactions", "quarantined_transactions", "fraud_features")
WATCH = (*FRAUD.drift, "fraud_performance")
FIRST_CHAMPION = (
    "customers", "quarantined_customers", "terminals", "quarantined_terminals", *INGESTION,
    "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion", "online_features",
    "fraud_endpoint",
)  # fmt: skip
TRAINING_JOB, SCHEDULE = "fraud_training_job", "fraud_training_schedule"

_POLL_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 600.0
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run that has ended; ``materialized`` has the metadata of its assets by name."""

    run_id: str
    tags: dict[str, str]
    succeeded: bool
    materialized: dict[str, Metadata]


@dataclass
class Platform:
    """A persistent instance; ``ended`` has the daemon's runs that were already returned."""

    instance: dg.DagsterInstance
    ended: set[str] = field(default_factory=set)

    def past(self) -> Run:
        """Process all days before the year, and train the first champion."""
        last = YEAR_STARTS - DAY
        return self._materialize("main_job", FIRST_CHAMPION, PAST_STARTS, last)

    def night(self, first: date, last: date) -> Run:
        """Read these days and newly delivered labels, compute features, and monitor the model."""
        return self._materialize("main_job", (*INGESTION, *WATCH), first - LABEL_DELAY, last)

    def scheduled_training(self) -> Run:
        """Run the scheduled training, because the schedule cannot use the simulated calendar."""
        job = defs.resolve_job_def(TRAINING_JOB)
        return self._run(job, None, {"dagster/schedule_name": SCHEDULE})

    def requested(self) -> list[Run]:
        """Wait until the sensors are up to date and the runs that they requested have ended."""
        self._wait(lambda: all(self._has_seen(sensor) for sensor in SENSORS))
        self._wait(lambda: all(run.is_finished for run in self.instance.get_runs(limit=20)))
        runs = [
            self._ended_run(run.run_id)
            for run in reversed(self.instance.get_runs(limit=20))
            if "dagster/sensor_name" in run.tags and run.run_id not in self.ended
        ]
        self.ended |= {run.run_id for run in runs}
        return runs

    def _materialize(self, job: str, assets: tuple[str, ...], first: date, last: date) -> Run:
        tags = {
            "dagster/asset_partition_range_start": first.isoformat(),
            "dagster/asset_partition_range_end": last.isoformat(),
        }
        return self._run(defs.resolve_job_def(job), assets, tags)

    def _run(
        self, job: dg.JobDefinition, assets: tuple[str, ...] | None, tags: dict[str, str]
    ) -> Run:
        result = job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in assets] if assets else None,
            run_config=_QUIET,
            tags=tags,
            raise_on_error=False,
        )
        return self._ended_run(result.run_id)

    def _ended_run(self, run_id: str) -> Run:
        run = self.instance.get_run_by_id(run_id)
        records = self.instance.get_records_for_run(
            run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
        ).records
        made = (record.event_log_entry.asset_materialization for record in records)
        return Run(
            run_id,
            dict(run.tags),
            run.is_success,
            {
                each.asset_key.path[-1]: {
                    name: value.value for name, value in each.metadata.items()
                }
                for each in made
            },
        )

    def _has_seen(self, sensor: str) -> bool:
        """Return whether the sensor's cursor is at the newest materializations."""
        state = next(
            state
            for state in self.instance.all_instigator_state()
            if state.instigator_name == sensor
        )
        cursor = getattr(state.instigator_data, "cursor", None)
        if cursor is None:
            return False
        if sensor == "drift_sensor":
            seen = DriftEpisode.model_validate_json(cursor).seen
            return all(seen.get(asset, 0) >= self._newest(asset) for asset in FRAUD.drift)
        return (json.loads(cursor)[0] or 0) >= self._newest("fraud_performance")

    def _newest(self, asset: str) -> int:
        records = self.instance.fetch_materializations(dg.AssetKey(asset), limit=1).records
        return records[0].storage_id if records else 0

    def _wait(self, is_over) -> None:
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not is_over():
            if time.monotonic() > deadline:
                raise TimeoutError("the daemon has not finished its work in time; see daemon.log")
            time.sleep(_POLL_SECONDS)


@contextmanager
def warm_session() -> Iterator[None]:
    """Keep one Spark session for all nights, which each run of this process uses."""
    spark = defs.resources["spark"]
    with dg.build_resources({"spark": spark}):
        yield
