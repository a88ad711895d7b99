"""The code location: all domains' assets and checks, jobs, schedules, sensors and resources."""

import pkgutil
from importlib import import_module

import dagster as dg

import igniteflow_assets
from igniteflow_assets.automation import automation_sensor
from igniteflow_assets.jobs import jobs
from igniteflow_assets.policies import require_groups, with_freshness, with_policies
from igniteflow_assets.retries import retry_by_cause
from igniteflow_assets.running import require_names
from igniteflow_assets.schedules import rhythms, schedules
from igniteflow_assets.sensors import sensors
from igniteflow_core.config.load import load_settings
from igniteflow_resources.executor import executor
from igniteflow_resources.platform import platform_resources

_settings = load_settings()
_domains = [
    import_module(f"{igniteflow_assets.__name__}.{module.name}")
    for module in pkgutil.iter_modules(igniteflow_assets.__path__)
    if module.ispkg
]
require_groups(_settings.owners, {domain.__name__.rsplit(".", 1)[-1] for domain in _domains})
_sensors = [*sensors, automation_sensor]
require_names(_settings.schedules, [each.name for each in (*schedules, *_sensors)])

defs = dg.Definitions(
    assets=with_freshness(
        [asset for domain in _domains for asset in with_policies(domain)], rhythms
    ),
    asset_checks=[
        check.with_hooks({retry_by_cause})
        for domain in _domains
        for check in dg.load_asset_checks_from_package_module(domain)
    ],
    jobs=jobs,
    schedules=schedules,
    sensors=_sensors,
    resources=platform_resources(_settings),
    executor=executor(_settings.execution),
)
