"""The graph of a run's process; what it imports is shared by every run that is forked."""

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import dagster as dg
import xgboost  # noqa: F401

from benchmarks.chaos.home import environment
from igniteflow_core.config.load import load_settings
from igniteflow_resources.causes import is_retryable
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH

REVIEW = (
    "fraud_member_settings",
    "fraud_prequential_evaluation",
    "recommendation_member_settings",
)
"""They train the same models many times more, and write no table."""

THE_RUN = "the run itself"
"""Stands for a step where the run broke off outside of any."""


def materialize(
    assets: Sequence[str],
    tags: Mapping[str, str],
    checks: bool = True,
    hook: dg.HookDefinition | None = None,
) -> dg.ExecuteInProcessResult:
    """One run of these assets and their checks, with the settings of the environment."""
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    selection = dg.AssetSelection.assets(*assets)
    with dg.DagsterInstance.get() as instance:
        return dg.materialize(
            [_hooked(asset, hook) for asset in GRAPH],
            selection=selection if checks else selection.without_checks(),
            instance=instance,
            resources=platform_resources(load_settings()),
            tags=tags,
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            raise_on_error=False,
        )


def _hooked(
    asset: dg.AssetsDefinition | dg.AssetChecksDefinition, hook: dg.HookDefinition | None
) -> dg.AssetsDefinition | dg.AssetChecksDefinition:
    if hook is None or isinstance(asset, dg.AssetChecksDefinition):
        return asset
    return asset.with_hooks({hook})


@dataclass(frozen=True)
class StepFailure:
    """Why a step failed, and whether the platform takes that for worth another try."""

    message: str
    is_retryable: bool


Failures = dict[str, StepFailure]
"""Those of a run, by the step's name."""


def runs_in(
    process: ProcessPoolExecutor,
    assets: Sequence[str],
    variables: Mapping[str, str],
    tags: Mapping[str, str],
) -> Callable[[], Future[Failures]]:
    """Starts a run of these assets at each call; the process keeps its Spark session meanwhile."""
    return lambda: process.submit(attempt, list(assets), dict(variables), dict(tags))


def attempt(
    assets: Sequence[str], variables: Mapping[str, str], tags: Mapping[str, str]
) -> Failures:
    """One run with these variables; the steps that failed. Spark lives on for the next one."""
    with environment(variables):
        return _attempt(assets, tags)


def _attempt(assets: Sequence[str], tags: Mapping[str, str]) -> Failures:
    causes: dict[str, bool] = {}

    @dg.failure_hook(name="note_cause")
    def note_cause(context: dg.HookContext) -> None:
        causes[context.step_key] = is_retryable(context.op_exception or RuntimeError())

    try:
        result = materialize(assets, tags, checks=False, hook=note_cause)
    except Exception as error:  # noqa: BLE001 - its records could not be written, in whatever form
        # Dagster goes on with a run that broke off, whatever the cause.
        return {THE_RUN: StepFailure(repr(error)[:400], is_retryable=True)}
    failures = {}
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        messages = []
        while error is not None:
            messages.append(error.message.strip().splitlines()[0][:200])
            error = error.cause
        step = str(event.step_key)
        failures[step] = StepFailure(" < ".join(messages), causes.get(step, False))
    return failures


def all_assets() -> list[str]:
    """Every asset of the graph that writes something."""
    keys = {
        key.path[-1]
        for asset in GRAPH
        if isinstance(asset, dg.AssetsDefinition)
        for key in asset.keys
    }
    return sorted(keys - set(REVIEW))


def assets_of_steps(assets: Sequence[str]) -> dict[str, list[str]]:
    """The assets that each step makes, by the step's name."""
    requested = set(assets)
    return {
        asset.op.name: sorted(made)
        for asset in GRAPH
        if isinstance(asset, dg.AssetsDefinition)
        and (made := {key.path[-1] for key in asset.keys} & requested)
    }
