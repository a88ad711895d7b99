"""What several tests of the graph need."""

from igniteflow_assets.definitions import defs

GRAPH = [*(defs.assets or ()), *(defs.asset_checks or ())]
"""Every asset and check of the code location."""


def range_tags(first_day: str, last_day: str) -> dict[str, str]:
    """The tags of a run over several days."""
    return {
        "dagster/asset_partition_range_start": first_day,
        "dagster/asset_partition_range_end": last_day,
    }
