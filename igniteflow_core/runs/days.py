"""How Dagster names the days of a run over several of them."""

from typing import Final

RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"
"""Tags of the run: the first of its days, and the last."""
