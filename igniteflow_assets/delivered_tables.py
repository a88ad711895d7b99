"""Tables that are delivered whole: the rows to trust, and in a table beside it the quarantine."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import output_of
from igniteflow_core.config.settings import Settings
from igniteflow_core.ingestion.tables import JudgedTable, judge_table, read_whole
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.rules import Clock
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

Judge = Callable[[DataFrame, Clock, Settings], JudgedTable]


def delivered_table(contract: TableContract, judge: Judge | None = None) -> dg.AssetsDefinition:
    """Assets for the table of the contract and for its quarantine, of one reading of the source.

    Args:
        contract: of the table; the source of the same name in the settings is read for it.
        judge: gives the verdict on each row; by default ``judge_table`` does.
    """
    quarantine = quarantine_of(contract)

    @dg.multi_asset(
        name=f"validated_{contract.name}",
        description=f"Read the source of {contract.name} and judge each of its rows.",
        outs={each.name: output_of(each) for each in (contract, quarantine)},
    )
    def validated(
        spark: SparkResource, settings: SettingsResource
    ) -> Iterator[dg.Output[DataFrame]]:
        sources = settings.current.sources
        source = sources.named(contract.name)
        raw = read_whole(spark.session, source, sources.root, contract)
        clock = sources.clock(datetime.now(UTC))
        if judge is not None:
            judged = judge(raw, clock, settings.current)
        else:
            separator = source.category_separator if source else "|"
            judged = judge_table(raw, contract, clock, separator=separator)
        judged.rows.persist()
        yield dg.Output(judged.accepted, contract.name)
        yield dg.Output(judged.quarantined, quarantine.name)
        judged.rows.unpersist()

    return validated
