"""What holds for every asset: owners, retries by cause, and when it is too old."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from types import ModuleType

import dagster as dg

from igniteflow_assets.freshness import fresh_by
from igniteflow_assets.pipelines import pipeline_assets
from igniteflow_assets.retries import retry_by_cause
from igniteflow_assets.schedules import Rhythm
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.owners import OwnerSettings
from igniteflow_core.errors import ConfigurationError


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
    """The assets of a domain, grouped by its name, with owners and retries."""
    group = domain.__name__.rsplit(".", maxsplit=1)[-1]
    owners = load_settings().owners.of_group(group)

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(owners=[*spec.owners, *owners])

    loaded = dg.load_assets_from_package_module(domain, group_name=group)
    assets = [
        asset.with_hooks({retry_by_cause})
        for asset in [*loaded, *pipeline_assets(domain)]
        if isinstance(asset, dg.AssetsDefinition)
    ]
    return dg.map_asset_specs(apply, assets)


def with_freshness(
    assets: Sequence[dg.AssetsDefinition], rhythms: Sequence[Rhythm]
) -> Sequence[dg.AssetsDefinition]:
    """The assets, each with the policy of the schedules that make it, unless it has one of its own.

    What its condition alone starts is made as often as its inputs are.
    """
    crons: dict[dg.AssetKey, set[str]] = defaultdict(set)
    for rhythm in rhythms:
        for key in rhythm.job.selection.resolve(assets):
            crons[key].add(rhythm.cron)

    def apply(spec: dg.AssetSpec) -> dg.AssetSpec:
        own = crons.get(spec.key)
        if own is None and spec.automation_condition is not None:
            own = {cron for dep in spec.deps for cron in crons.get(dep.asset_key, ())}
        if spec.freshness_policy is not None or not own:
            return spec
        return spec.replace_attributes(freshness_policy=fresh_by(*own))

    return dg.map_asset_specs(apply, assets)
