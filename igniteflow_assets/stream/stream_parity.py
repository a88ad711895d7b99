"""Parity of the stream's features with the batch features."""

from datetime import timedelta

import dagster as dg

from igniteflow_assets.known_labels import labelled_after_delay
from igniteflow_assets.plots import plot_metadata
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.parity import plot_parity
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_core.stream.parity import stream_parity as measure
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

LEAST_SHARE_EQUAL = 0.9999
SHARE_EQUAL_IN_ORDER = "share_equal_in_order"
"""Metadata entry of ``stream_parity`` that the check evaluates."""


@dg.asset(
    deps=[TRANSACTIONS.name, LABELS.name, CUSTOMERS.name, TERMINALS.name],
    description="The stream's features compared with the batch features of the same transactions",
    kinds={"spark", "delta"},
)
def stream_parity(lake: LakeResource, settings: SettingsResource) -> dg.MaterializeResult[None]:
    """Compare by feature; transactions that were scored out of order are counted separately."""
    current = settings.current
    own = current.sources.own_columns
    parity = measure(
        with_declared(lake.read(STREAM_SCORES.name), own),
        labelled_after_delay(with_declared(lake.read(TRANSACTIONS.name), own), lake, current),
        lake.read(CUSTOMERS.name),
        lake.read(TERMINALS.name),
        label_delay=timedelta(days=current.fraud.label_delay_days),
        own=own,
        entities=declared_entities(current.fraud.entities, own),
    )
    return dg.MaterializeResult(
        metadata={
            "share_equal": parity.share_equal,
            SHARE_EQUAL_IN_ORDER: parity.share_equal_in_order,
            "transactions": parity.rows,
            "transactions_out_of_order": parity.rows - parity.rows_in_order,
            "unequal": dg.MetadataValue.md(parity.to_markdown()),
            **plot_metadata({"share_equal_by_feature": plot_parity(parity)}),
        }
    )


@dg.asset_check(
    asset=stream_parity,
    blocking=True,
    description=f"At least {LEAST_SHARE_EQUAL:.2%} of the values of transactions that were scored "
    "in order are equal, to the last bit",
)
def online_features_equal_the_batch(
    context: dg.AssetCheckExecutionContext,
) -> dg.AssetCheckResult:
    """Check the newest comparison."""
    event = context.instance.get_latest_materialization_event(dg.AssetKey("stream_parity"))
    compared = event.asset_materialization if event else None
    if compared is None:
        return dg.AssetCheckResult(passed=False, description="stream_parity is not materialized")
    share = float(str(compared.metadata[SHARE_EQUAL_IN_ORDER].value))
    return dg.AssetCheckResult(
        passed=share >= LEAST_SHARE_EQUAL, metadata={SHARE_EQUAL_IN_ORDER: share}
    )
