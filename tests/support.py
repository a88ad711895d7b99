"""What several tests of the graph need."""

from igniteflow_assets.definitions import defs

_LEFT_OUT = {
    key
    for asset in defs.assets or ()
    for key, group in asset.group_names_by_key.items()
    if group in {"stream", "lake"}
}

GRAPH = [
    *(asset for asset in defs.assets or () if not _LEFT_OUT & asset.keys),
    *(
        check
        for check in defs.asset_checks or ()
        if not _LEFT_OUT & {key.asset_key for key in check.check_keys}
    ),
]
"""Every asset and check that main_job runs."""


def range_tags(first_day: str, last_day: str) -> dict[str, str]:
    """The tags of a run over several days."""
    return {
        "dagster/asset_partition_range_start": first_day,
        "dagster/asset_partition_range_end": last_day,
    }
