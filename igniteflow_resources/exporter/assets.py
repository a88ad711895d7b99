"""Metrics of assets and asset checks, and of models by the metadata of their assets."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetKey,
    AssetMaterialization,
    AssetRecordsFilter,
    DagsterInstance,
    EventLogRecord,
    MetadataValue,
    TableMetadataValue,
)

from igniteflow_core.quality.report import RULE_SCORE
from igniteflow_core.telemetry.metrics import (
    ASSET_CHECK_PASSED,
    ASSET_FACT,
    ASSET_MATERIALIZED_TIMESTAMP_SECONDS,
    COLUMN_DISTINCT_VALUES,
    COLUMN_NULL_SHARE,
    DATA_QUALITY_SCORE,
    MODEL_ACCURACY,
    MODEL_DATA_DRIFT_SCORE,
    MODEL_F1_SCORE,
    MODEL_PRECISION,
    MODEL_RECALL,
    RECORDS_PROCESSED_TOTAL,
)
from igniteflow_resources.mlflow.registry import FRAUD_MODEL, RECOMMENDER

MODEL_FACTS = {
    ("fraud_evaluation", "accuracy"): (MODEL_ACCURACY, FRAUD_MODEL),
    ("fraud_evaluation", "precision"): (MODEL_PRECISION, FRAUD_MODEL),
    ("fraud_evaluation", "recall"): (MODEL_RECALL, FRAUD_MODEL),
    ("fraud_evaluation", "f1"): (MODEL_F1_SCORE, FRAUD_MODEL),
    ("recommendation_evaluation", "precision_at_k"): (MODEL_PRECISION, RECOMMENDER),
    ("recommendation_evaluation", "recall_at_k"): (MODEL_RECALL, RECOMMENDER),
}
"""The model metric that each asset's metadata entry sets, by asset and name of the entry."""

DRIFT_FACTS = {
    "feature_drift": (FRAUD_MODEL, "features"),
    "prediction_drift": (FRAUD_MODEL, "scores"),
    "interaction_drift": (RECOMMENDER, "likes"),
    "recommendation_drift": (RECOMMENDER, "lists"),
}
"""The model and the feature set of each drift asset."""

COLUMN_PROFILES = "column_profiles"
"""Metadata with a record for each column: table, column, rows, nulls and distinct values."""

ROWS = ("rows_written", "rows_inserted", "states_written", "records_processed")
"""Names of the metadata entries that count the records of one materialization."""

_AT_ONCE = 1_000


class AssetMetrics:
    """Tracks materializations and asset checks.

    Args:
        instance: the Dagster instance whose event log is read.
        checks: all defined asset checks.
    """

    def __init__(self, instance: DagsterInstance, checks: Sequence[AssetCheckKey]) -> None:
        self._instance = instance
        self._checks = checks
        self._counted_up_to: dict[AssetKey, int] = {}
        self._started = time.time()

    def refresh(self) -> None:
        """Set metrics to the latest result of each asset and check, and count new records."""
        for record in self._instance.get_asset_records():
            entry = record.asset_entry
            newest = entry.last_materialization_record
            if newest is not None and newest.storage_id != self._counted_up_to.get(entry.asset_key):
                self._materialized(entry.asset_key, newest)
        for key in self._checks:
            checked = self._instance.get_latest_asset_check_evaluation_record(key)
            # The record of a check that a failed run planned but never executed has no evaluation.
            if checked is not None and isinstance(checked.evaluation, AssetCheckEvaluation):
                self._checked(checked.evaluation)

    def _materialized(self, key: AssetKey, newest: EventLogRecord) -> None:
        name = key.to_user_string()
        ASSET_MATERIALIZED_TIMESTAMP_SECONDS.labels(name).set(newest.timestamp)
        if newest.asset_materialization is not None:
            _set_facts(name, newest.asset_materialization)
        since = self._instance.fetch_materializations(
            AssetRecordsFilter(
                asset_key=key,
                after_storage_id=self._counted_up_to.get(key),
                after_timestamp=self._started,
            ),
            limit=_AT_ONCE,
        ).records
        for record in since:
            materialization = record.asset_materialization
            facts = _numbers(materialization.metadata) if materialization else {}
            run = self._instance.get_run_by_id(record.run_id) if record.run_id else None
            job = run.job_name if run else "reported without a run"
            for rows in ROWS:
                if facts.get(rows, 0) > 0:
                    RECORDS_PROCESSED_TOTAL.labels(job, name).inc(facts[rows])
        self._counted_up_to[key] = newest.storage_id

    def _checked(self, evaluation: AssetCheckEvaluation) -> None:
        asset = evaluation.asset_key.to_user_string()
        ASSET_CHECK_PASSED.labels(asset, evaluation.check_name).set(evaluation.passed)
        facts = _numbers(evaluation.metadata)
        for fact, score in facts.items():
            if fact.startswith(RULE_SCORE):
                DATA_QUALITY_SCORE.labels(asset, fact.removeprefix(RULE_SCORE)).set(score)


def _set_facts(name: str, materialization: AssetMaterialization) -> None:
    facts = _numbers(materialization.metadata)
    for fact, value in facts.items():
        ASSET_FACT.labels(name, fact).set(value)
    version = materialization.metadata.get("model_version")
    if version is not None:
        for (asset, fact), (gauge, model) in MODEL_FACTS.items():
            if asset == name and fact in facts:
                gauge.labels(model, str(version.value)).set(facts[fact])
    if name in DRIFT_FACTS and "largest_psi" in facts:
        MODEL_DATA_DRIFT_SCORE.labels(*DRIFT_FACTS[name]).set(facts["largest_psi"])
    profiles = materialization.metadata.get(COLUMN_PROFILES)
    if isinstance(profiles, TableMetadataValue):
        _set_profiles(profiles)


def _set_profiles(profiles: TableMetadataValue) -> None:
    """Set the gauges of each column; a column without a row has no share of nulls."""
    for record in profiles.records:
        labels = str(record.data["table"]), str(record.data["column"])
        rows, nulls, distinct = (
            float(record.data[name] or 0) for name in ("rows", "nulls", "distinct")
        )
        COLUMN_DISTINCT_VALUES.labels(*labels).set(distinct)
        if rows:
            COLUMN_NULL_SHARE.labels(*labels).set(nulls / rows)


def _numbers(metadata: Mapping[str, MetadataValue[Any]]) -> dict[str, float]:
    return {
        name.removeprefix("dagster/"): float(value.value)
        for name, value in metadata.items()
        if isinstance(value.value, bool | int | float)
    }
