"""The states of cards, terminals and declared entities, where the API reads them."""

from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.automation import after_change_of_inputs
from igniteflow_assets.known_labels import labelled_after_delay
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.materialize import write_states
from igniteflow_core.online.spark import entity_states_by_bucket
from igniteflow_core.online.store import EntityKind, own_kind
from igniteflow_core.schemas.labels import LABELS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

_KINDS: dict[EntityKind, str] = {"customer": "customers", "terminal": "terminals"}


@dg.asset(
    deps=["transactions", LABELS.name],
    description="Recent events of each card, terminal and declared entity, for the API",
    kinds={"redis", "sqlite"},
    automation_condition=after_change_of_inputs(),
)
def online_features(
    customers: DataFrame,
    terminals: DataFrame,
    lake: LakeResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Write the states of the newest days; newer states of the stream are kept."""
    current = settings.current
    delay = timedelta(days=current.fraud.label_delay_days)
    own = current.sources.own_columns
    entities = declared_entities(current.fraud.entities, own)
    transactions = with_declared(lake.read("transactions"), own)
    last_day = transactions.agg(F.max("event_date")).collect()[0][0]
    if last_day is None:
        raise dg.Failure("there are no transactions to compute states from")
    zone = ZoneInfo(current.sources.time_zone)
    # The newest day is complete: its partition is only written after the day is over.
    complete_until = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), zone)
    with closing(connect_online_store(current.online)) as store:
        written = write_states(
            store,
            entity_states_by_bucket(
                labelled_after_delay(transactions, lake, current),
                customers,
                terminals,
                last_day=last_day,
                label_delay=delay,
                own=own,
                entities=entities,
            ),
        )
        store.mark_complete(int(complete_until.timestamp()) * 1_000_000)
        kinds = (*_KINDS, *(own_kind(entity.name) for entity in entities))
        counts = {kind: store.count(kind) for kind in kinds}
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(counts.values()),
            "states_written": written,
            "complete_until": dg.MetadataValue.timestamp(complete_until),
            "lake_version": lake.versions("transactions")["transactions"],
            **{f"states_{kind}": count for kind, count in counts.items()},
        }
    )


@dg.asset_check(asset=online_features, blocking=True, description="No entity is left out")
def online_features_hold_every_entity(
    lake: LakeResource, settings: SettingsResource
) -> dg.AssetCheckResult:
    """Check that the store has a state for each card and terminal of the lake."""
    expected = {
        kind: lake.read(table).select(f"{kind}_id").distinct().count()
        for kind, table in _KINDS.items()
    }
    with closing(connect_online_store(settings.current.online)) as store:
        held = {kind: store.count(kind) for kind in _KINDS}
    return dg.AssetCheckResult(
        passed=all(held[kind] >= count for kind, count in expected.items()),
        metadata={
            **{f"expected_{kind}": count for kind, count in expected.items()},
            **{f"held_{kind}": count for kind, count in held.items()},
        },
    )
