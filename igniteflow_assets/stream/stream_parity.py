"""Whether the stream's features are the batch's."""

from datetime import timedelta

import dagster as dg

from igniteflow_assets.plots import plot_metadata
from igniteflow_core.features.parity import plot_parity
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_core.stream.parity import stream_parity as measure
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

LEAST_SHARE_EQUAL = 0.9999
SHARE_EQUAL_IN_ORDER = "share_equal_in_order"
"""Name of the metadata of ``stream_parity`` that the check looks at."""


@dg.asset(
    deps=[TRANSACTIONS.name, CUSTOMERS.name, TERMINALS.name],
    description="The features that the stream has used beside the batch's of the same transactions",
    kinds={"spark", "delta"},
)
def stream_parity(lake: LakeResource, settings: SettingsResource) -> dg.MaterializeResult[None]:
    """Compare by feature; transactions scored out of order are counted apart."""
    parity = measure(
        lake.read(STREAM_SCORES.name),
        lake.read(TRANSACTIONS.name),
        lake.read(CUSTOMERS.name),
        lake.read(TERMINALS.name),
        label_delay=timedelta(days=settings.current.fraud.label_delay_days),
        own=settings.current.sources.own_columns,
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
    """Judge the newest comparison."""
    event = context.instance.get_latest_materialization_event(dg.AssetKey("stream_parity"))
    compared = event.asset_materialization if event else None
    if compared is None:
        return dg.AssetCheckResult(passed=False, description="nothing was compared yet")
    share = float(str(compared.metadata[SHARE_EQUAL_IN_ORDER].value))
    return dg.AssetCheckResult(
        passed=share >= LEAST_SHARE_EQUAL, metadata={SHARE_EQUAL_IN_ORDER: share}
    )
