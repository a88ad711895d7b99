"""The labels of transactions, from a separate source and from feedback to the API."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import output_of
from igniteflow_core.config.settings import Settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.labels import labels_of_feedback, landed_source
from igniteflow_core.ingestion.landing import landed
from igniteflow_core.ingestion.tables import judge_table, read_whole
from igniteflow_core.schemas.decisions import FEEDBACK_LOG
from igniteflow_core.schemas.labels import LABEL_MESSAGES, LABELS, QUARANTINED_LABELS
from igniteflow_core.values.form import PLAIN
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource
from igniteflow_resources.stream.landing import land_messages


@dg.multi_asset(
    outs={
        LABELS.name: output_of(LABELS, is_written_by_the_asset=True),
        QUARANTINED_LABELS.name: output_of(QUARANTINED_LABELS),
    },
    deps=[FEEDBACK_LOG.name],
)
def validated_labels(
    lake: LakeResource, spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame] | dg.Output[None]]:
    """Validate each row of the source, and append the labels that are not in the table yet."""
    sources = settings.current.sources
    source = _label_source(settings.current, lake, spark)
    raw = read_whole(spark.session, source, sources.root, LABELS)
    clock = sources.clock(datetime.now(UTC))
    judged = judge_table(raw, LABELS, clock, source.form if source else PLAIN)
    judged.rows.persist()
    labels = judged.accepted.unionByName(labels_of_feedback(lake.rows_of(FEEDBACK_LOG)))
    inserted = lake.insert_new(LABELS, labels)
    yield dg.Output(
        None,
        LABELS.name,
        metadata={
            "dagster/row_count": lake.read(LABELS.name).count(),
            "dagster/uri": dg.MetadataValue.path(lake.path(LABELS.name)),
            "rows_delivered": judged.rows.count(),
            "rows_inserted": inserted,
        },
    )
    yield dg.Output(judged.quarantined, QUARANTINED_LABELS.name)
    judged.rows.unpersist()


def _label_source(
    settings: Settings, lake: LakeResource, spark: SparkResource
) -> SourceSettings | None:
    """Return the source of the labels; data of a topic or an API is landed in the lake first."""
    source = settings.sources.labels
    if source is None:
        return None
    if source.format == "kafka":
        table = lake.path(LABEL_MESSAGES.name)
        land_messages(spark.session, settings.stream, source.path, table)
        return landed_source(source, table)
    return landed(spark.session, source, lake.landing(LABELS.name))
