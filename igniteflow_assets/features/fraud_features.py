"""The features of each transaction as of the time of the transaction."""

from datetime import timedelta

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.automation import after_change_of
from igniteflow_assets.known_labels import labelled_after_delay
from igniteflow_assets.partitions import days_of
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.compute import history_days
from igniteflow_core.features.contract import feature_catalogue, features_table
from igniteflow_core.features.declared import declared_entities, declared_features
from igniteflow_core.features.spark import fraud_features as compute_features
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.labels import LABELS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

_settings = load_settings()
_history = history_days(timedelta(days=_settings.fraud.label_delay_days))
if _settings.sources.time_zone != "UTC":
    # With daylight-saving time, a history of N times 24 hours can start before midnight.
    _history += 1


@table_asset(
    features_table(_settings.sources.own_columns, declared_features(_settings.fraud.entities)),
    ins={
        "transactions": dg.AssetIn(
            partition_mapping=dg.TimeWindowPartitionMapping(
                start_offset=-_history, allow_nonexistent_upstream_partitions=True
            )
        )
    },
    deps=[LABELS.name],
    automation_condition=after_change_of("transactions"),
)
def fraud_features(
    context: dg.AssetExecutionContext,
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    lake: LakeResource,
    settings: SettingsResource,
) -> dg.Output[DataFrame]:
    """Compute the features of the days from their transactions and the lookback history."""
    days = days_of(context.partition_time_window)
    own, entities = settings.current.sources.own_columns, settings.current.fraud.entities
    features = compute_features(
        labelled_after_delay(with_declared(transactions, own), lake, settings.current),
        customers,
        terminals,
        first_day=days[0],
        last_day=days[-1],
        label_delay=timedelta(days=settings.current.fraud.label_delay_days),
        own=own,
        entities=declared_entities(entities, own),
    )
    catalogue = feature_catalogue(declared_features(entities))
    return dg.Output(features, metadata={"catalogue": dg.MetadataValue.md(catalogue)})
