"""The logs of the API as tables: decisions, recommendations and feedback."""

from pathlib import Path

import dagster as dg

from igniteflow_assets.table_assets import column_schema
from igniteflow_core.config.load import load_settings
from igniteflow_core.decisions.log import CLOSED_SUFFIX, close_abandoned
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.decisions import DECISION_LOG, FEEDBACK_LOG, RECOMMENDATION_LOG
from igniteflow_core.schemas.own_columns import with_own_columns
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource

_INGESTED = "ingested"


def _log_asset(contract: TableContract) -> dg.AssetsDefinition:
    @dg.asset(
        name=contract.name,
        description=contract.description,
        metadata={"dagster/column_schema": column_schema(contract)},
        kinds={"spark", "delta"},
    )
    def ingest(lake: LakeResource, settings: SettingsResource) -> dg.MaterializeResult[None]:
        folder = Path(settings.current.serving.log_dir, contract.name).resolve()
        close_abandoned(folder)
        segments = sorted(folder.glob(f"*{CLOSED_SUFFIX}"))
        inserted = lake.insert_new(
            contract,
            lake.spark.session.read.schema(contract.ddl).json([str(path) for path in segments])
            if segments
            else None,
        )
        # Moved only after the insert: a repeated segment adds no rows, a lost one would be missing.
        (folder / _INGESTED).mkdir(parents=True, exist_ok=True)
        for path in segments:
            path.rename(folder / _INGESTED / path.name)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": lake.read(contract.name).count(),
                "rows_inserted": inserted,
                "segments": len(segments),
            }
        )

    return ingest


decision_log = _log_asset(with_own_columns(DECISION_LOG, load_settings().sources.own_columns))
recommendation_log = _log_asset(RECOMMENDATION_LOG)
feedback_log = _log_asset(FEEDBACK_LOG)
