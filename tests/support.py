"""What several tests of the graph need."""

from igniteflow_assets.definitions import defs

GRAPH = [
    *(
        asset
        for asset in defs.assets or ()
        if not {"stream"} & set(asset.group_names_by_key.values())
    ),
    *(defs.asset_checks or ()),
]
"""Every asset and check that main_job runs: the stream's need Kafka."""


def range_tags(first_day: str, last_day: str) -> dict[str, str]:
    """The tags of a run over several days."""
    return {
        "dagster/asset_partition_range_start": first_day,
        "dagster/asset_partition_range_end": last_day,
    }
