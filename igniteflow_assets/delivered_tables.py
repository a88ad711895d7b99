"""Tables that are delivered whole: what counts, and beside it what is quarantined."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame, SparkSession

from igniteflow_assets.table_assets import output_of
from igniteflow_core.config.sources import SourcesSettings
from igniteflow_core.ingestion.tables import JudgedTable, judge_table, read_whole
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.rules import Clock

Judge = Callable[[DataFrame, Clock], JudgedTable]


def outputs_of(contract: TableContract) -> dict[str, dg.AssetOut]:
    """The outputs of ``@multi_asset`` for the table and its quarantine."""
    return {each.name: output_of(each) for each in (contract, quarantine_of(contract))}


def delivered_outputs(
    spark: SparkSession,
    sources: SourcesSettings,
    contract: TableContract,
    judge: Judge | None = None,
) -> Iterator[dg.Output[DataFrame]]:
    """Read the source that has the table's name, and judge every row once, for both tables."""
    source = sources.named(contract.name)
    raw = read_whole(spark, source, sources.root, contract)
    clock = sources.clock(datetime.now(UTC))
    if judge is not None:
        judged = judge(raw, clock)
    else:
        separator = source.category_separator if source else "|"
        judged = judge_table(raw, contract, clock, separator=separator)
    judged.rows.persist()
    yield dg.Output(judged.accepted, contract.name)
    yield dg.Output(judged.quarantined, quarantine_of(contract).name)
    judged.rows.unpersist()
