"""Tables of delivered events: what counts, and beside it what is quarantined."""

from collections.abc import Iterator, Mapping

import dagster as dg
from pyspark.sql import Column, DataFrame

from igniteflow_assets.table_assets import output_of
from igniteflow_core.ingestion.events import (
    accepted_events,
    judge_events,
    quarantined_events,
)
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.rules import Clock


def event_outputs(contract: TableContract) -> dict[str, dg.AssetOut]:
    """The outputs of ``@multi_asset`` for the table and its quarantine."""
    return {each.name: output_of(each) for each in (contract, quarantine_of(contract))}


def judged_outputs(
    raw: DataFrame,
    contract: TableContract,
    clock: Clock,
    rules: Mapping[str, Column] | None = None,
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered row once, for both tables. The arguments are ``judge_events``' own."""
    judged = judge_events(raw, contract, clock, rules).persist()
    yield dg.Output(accepted_events(judged, contract, clock), contract.name)
    yield dg.Output(quarantined_events(judged, contract), quarantine_of(contract).name)
    judged.unpersist()
