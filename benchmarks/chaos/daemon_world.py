"""A code location with a queue: a sensor that asks for a number of runs, each of them once."""

import os

import dagster as dg

from igniteflow_assets import definitions as platform

ASSETS = ("customers", "quarantined_customers")
"""Little, as a run's process and its Spark take longer to start than a step takes."""

RUNS = int(os.environ.get("CHAOS_RUNS", "0"))

# One process a run: what is tried is the daemon.
queued_job = dg.define_asset_job(
    "queued_job", dg.AssetSelection.assets(*ASSETS), executor_def=dg.in_process_executor
)


@dg.sensor(
    job=queued_job, minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING
)
def queue_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run a tick, until all are asked for."""
    number = int(context.cursor or 0)
    if number >= RUNS:
        return dg.SkipReason("all runs are asked for")
    context.update_cursor(str(number + 1))
    return dg.RunRequest(run_key=str(number))


defs = dg.Definitions(
    assets=[
        asset
        for asset in platform.defs.assets or ()
        if isinstance(asset, dg.AssetsDefinition)
        and {key.path[-1] for key in asset.keys} <= {*ASSETS}
    ],
    resources=platform.defs.resources,
    jobs=[queued_job],
    sensors=[queue_sensor],
)
