"""Creates assets for the pipeline classes in a domain's folder."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import dagster as dg

from igniteflow_core.pipeline import BasePipeline
from igniteflow_core.telemetry.correlation import correlated
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


def pipeline_assets(domain: ModuleType) -> list[dg.AssetsDefinition]:
    """Return an asset for each subclass of BasePipeline that a module of the domain defines."""
    group = domain.__name__.rsplit(".", maxsplit=1)[-1]
    return [_asset(kind, group) for kind in _pipelines(domain)]


def _pipelines(domain: ModuleType) -> Iterator[type[BasePipeline]]:
    modules = pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")
    for module in [domain, *(import_module(info.name) for info in modules)]:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, BasePipeline)
                and value.__module__ == module.__name__
            ):
                yield value


def _asset(kind: type[BasePipeline], group: str) -> dg.AssetsDefinition:
    name = kind.name()

    @dg.asset(name=name, group_name=group, description=kind.__doc__ or name, kinds={"spark"})
    def run(
        context: dg.AssetExecutionContext, spark: SparkResource, settings: SettingsResource
    ) -> None:
        with correlated(context.run_id):
            facts = kind(spark.session, settings.current.pipelines.get(name)).execute()
        context.add_output_metadata(facts)

    return run
