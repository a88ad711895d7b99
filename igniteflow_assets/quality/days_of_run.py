"""The days of a table that a run covers."""

import dagster as dg

from igniteflow_core.quality.days import Days
from igniteflow_core.schemas.contract import TableContract


def days_of_run(context: dg.AssetCheckExecutionContext, contract: TableContract) -> Days | None:
    """Return the days of the run; None if the table or the run is not partitioned."""
    in_days = context.has_partition_key or context.has_partition_key_range
    if contract.partition_by is None or not in_days:
        return None
    window = context.partition_time_window
    return Days(contract.partition_by, window.start.date(), window.end.date())
