"""Policies of all assets: owners, retries by cause, and freshness of daily tables."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from types import ModuleType

import dagster as dg

from igniteflow_assets.pipelines import pipeline_assets
from igniteflow_assets.retries import retry_by_cause
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.owners import OwnerSettings
from igniteflow_core.errors import ConfigurationError

daily_tables_are_fresh = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=48), warn_window=timedelta(hours=30)
)
"""A day's data is written by the next day's schedule; it is stale after two missed runs."""


def require_groups(owners: OwnerSettings, groups: Collection[str]) -> None:
    """Check that owners are only configured for existing groups.

    Raises:
        ConfigurationError: owners are configured for unknown groups.
    """
    unknown = sorted(owners.groups.keys() - set(groups))
    if unknown:
        raise ConfigurationError(
            f"owners are set for groups of assets that do not exist: {', '.join(unknown)}",
            where="owners.groups",
            fix=f"use groups among {', '.join(sorted(groups))}",
        )


def with_policies(domain: ModuleType) -> Sequence[dg.AssetsDefinition]:
    """Return the assets of a domain with group, owners, retries and, if daily, freshness policy."""
    group = domain.__name__.rsplit(".", maxsplit=1)[-1]
    owners = load_settings().owners.of_group(group)

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        spec = spec.replace_attributes(owners=[*spec.owners, *owners])
        if spec.partitions_def is not None and spec.freshness_policy is None:
            spec = spec.replace_attributes(freshness_policy=daily_tables_are_fresh)
        return spec

    loaded = dg.load_assets_from_package_module(domain, group_name=group)
    assets = [
        asset.with_hooks({retry_by_cause})
        for asset in [*loaded, *pipeline_assets(domain)]
        if isinstance(asset, dg.AssetsDefinition)
    ]
    return dg.map_asset_specs(apply, assets)
