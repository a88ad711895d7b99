"""Whether a disturbed platform holds what an undisturbed one does: tables, models, aliases."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from mlflow import MlflowClient
from pyspark.sql import SparkSession

from benchmarks.chaos.home import environment
from benchmarks.session import local_spark
from igniteflow_core.audit.chain import AuditEntry, first_broken
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint, EndpointName
from igniteflow_core.schemas.audit import AUDIT_LOG
from igniteflow_resources.mlflow.promotion import DECISION, PROMOTED, previous_champion
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    FRAUD_MODEL,
    PREVIOUS,
    RECOMMENDER,
    model_tags,
    model_with_alias,
)
from tests.assets.same_rows import OF_MODELS, assert_same_rows

_OF_THE_RUN = {"model_version", "version"}
"""Columns that count attempts: a training that was cut short may have registered its model."""

_ENDPOINTS: dict[str, EndpointName] = {FRAUD_MODEL: "fraud", RECOMMENDER: "recommender"}


def differences(
    undisturbed: Path,
    disturbed: Path,
    variables: Mapping[str, str],
) -> list[str]:
    """What differs between two homes' tables, and what does not fit together in the second.

    Starts Spark in this process, or joins the session that it has.
    """
    lakes = undisturbed / "lake", disturbed / "lake"
    with environment(variables):
        spark = local_spark(SparkSettings())
        return [*_of_tables(spark, *lakes), *_of_models(spark, load_settings(), undisturbed)]


def _of_tables(spark: SparkSession, undisturbed: Path, disturbed: Path) -> Iterator[str]:
    for folder in sorted(undisturbed.glob("*/_delta_log")):
        name = folder.parent.name
        if name == AUDIT_LOG.name:
            continue
        if not (disturbed / name).exists():
            yield f"{name} is not there"
            continue
        try:
            assert_same_rows(
                _rows(spark, undisturbed / name), _rows(spark, disturbed / name), name, OF_MODELS
            )
        except AssertionError as error:
            yield " ".join(f"{name}: {error}".split())[:300]


def _of_models(spark: SparkSession, settings: Settings, undisturbed: Path) -> Iterator[str]:
    uri = settings.mlflow.tracking_uri
    registry = MlflowClient(uri, uri)
    for model, endpoint in _ENDPOINTS.items():
        if not (undisturbed / "endpoints" / endpoint).exists():
            continue
        champion = model_with_alias(registry, model, CHAMPION)
        if champion is None:
            yield f"{model} has no champion"
            continue
        if model_tags(registry, champion).get(DECISION) != PROMOTED:
            yield f"{model} {champion.version} serves without having passed the gate"
        before = previous_champion(registry, model)
        if model_with_alias(registry, model, PREVIOUS) != before:
            yield f"{model}: the alias {PREVIOUS} is not the rollback target, {before}"
        served = Endpoint(Path(settings.serving.endpoints_dir, endpoint))
        if served.rollout().champion != champion.version:
            yield f"{model}: {served.rollout()} serves, {champion.version} is the champion"
    log = Path(settings.lake.root, AUDIT_LOG.name)
    if log.exists():
        rows = spark.read.format("delta").load(str(log)).orderBy("sequence").toArrow()
        broken = first_broken([AuditEntry(**entry) for entry in rows.to_pylist()])
        if broken is not None:
            yield f"audit log: {broken}"


def _rows(spark: SparkSession, path: Path) -> pa.Table:
    frame = spark.read.format("delta").load(str(path))
    return frame.drop(*_OF_THE_RUN).toArrow()
