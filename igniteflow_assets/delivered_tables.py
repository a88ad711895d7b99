"""Assets of tables that are delivered whole: the accepted rows, and the quarantined rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import output_of
from igniteflow_core.config.load import load_settings
from igniteflow_core.ingestion.judges import judge_delivered
from igniteflow_core.ingestion.landing import landed
from igniteflow_core.ingestion.tables import read_whole, rows_of_ids
from igniteflow_core.recommendations.outcomes import outcomes_of, with_outcomes
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.decisions import FEEDBACK_LOG
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.values.form import PLAIN
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

_sources = load_settings().sources


def delivered_table(
    contract: TableContract,
    *,
    derived_from: Sequence[TableContract] = (),
    takes_outcomes: bool = False,
) -> dg.AssetsDefinition:
    """Create the assets of the contract's table and of its quarantine, which share one read.

    Args:
        contract: contract of the table, which is read from the configured source of its name.
        derived_from: tables whose ids form the table if no source is configured.
        takes_outcomes: whether the table includes users' actions that were sent to the API.
    """
    quarantine = quarantine_of(contract)
    origins = [] if _sources.named(contract.name) else [table.name for table in derived_from]

    @dg.multi_asset(
        name=f"validated_{contract.name}",
        description=f"Read the source of {contract.name} and judge each of its rows.",
        outs={each.name: output_of(each) for each in (contract, quarantine)},
        deps=[*origins, *([FEEDBACK_LOG.name] if takes_outcomes else [])],
    )
    def validated(
        lake: LakeResource, spark: SparkResource, settings: SettingsResource
    ) -> Iterator[dg.Output[DataFrame]]:
        sources = settings.current.sources
        source = sources.named(contract.name)
        if origins:
            tables = [lake.read(name) for name in origins]
            raw = rows_of_ids(tables, contract, ", ".join(origins))
        else:
            landing = lake.landing(contract.name)
            files = source and landed(spark.session, source, landing)
            raw = read_whole(spark.session, files, sources.root, contract)
        judged = judge_delivered(
            raw,
            contract,
            sources.clock(datetime.now(UTC)),
            source.form if source else PLAIN,
            event_types=settings.current.recommendations.events.types,
        )
        judged.rows.persist()
        accepted = judged.accepted
        if takes_outcomes:
            outcomes = outcomes_of(lake.rows_of(FEEDBACK_LOG))
            # Adding outcomes shuffles all rows, which most runs do not need.
            if not outcomes.isEmpty():
                accepted = with_outcomes(accepted, contract, outcomes)
        yield dg.Output(accepted, contract.name)
        yield dg.Output(judged.quarantined, quarantine.name)
        judged.rows.unpersist()

    return validated
