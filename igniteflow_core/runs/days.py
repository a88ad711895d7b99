"""Dagster's tags for the days of a run over several days."""

from typing import Final

RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"
"""Tags of the run with its first and its last day."""
