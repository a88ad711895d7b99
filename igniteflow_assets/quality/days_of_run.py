"""What of a table a run is about."""

from datetime import date

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.schemas.contract import TableContract


def days_of_run(
    context: dg.AssetCheckExecutionContext, contract: TableContract
) -> tuple[date, date] | None:
    """First day, and the day after the last; None where the table or the run has no days."""
    in_days = context.has_partition_key or context.has_partition_key_range
    if contract.partition_by is None or not in_days:
        return None
    window = context.partition_time_window
    return window.start.date(), window.end.date()


def rows_between(
    table: DataFrame, contract: TableContract, first: date, after_last: date
) -> DataFrame:
    """The rows of the days from ``first`` up to, but not including, ``after_last``."""
    day = F.col(str(contract.partition_by))
    return table.where((day >= first) & (day < after_last))
