"""A label that comes six weeks late, whichever way, is known from then on and never before."""

import json
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from fastapi.testclient import TestClient
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_assets.serving.logs import feedback_log
from igniteflow_assets.transactions.labels import validated_labels
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.fraud.known_labels import labels_known_at, settled_until
from igniteflow_core.fraud.training import training_set
from igniteflow_core.schemas.transactions import TRANSACTIONS
from igniteflow_resources.platform import platform_resources
from igniteflow_serving.app import create_app

pytestmark = pytest.mark.spark

IDS = ("filed", "sent", "told")
WINDOWS = FraudSettings(
    label_delay_days=1, maturity_days=30, train_days=1, validation_days=1, test_days=1
)


def days_before(newest: date) -> list[date]:
    """As many as the windows need: three of a day each, and two gaps between them."""
    return [newest - timedelta(days=number) for number in range(63)]


def trained_on(spark: SparkSession, table: DataFrame, as_of: datetime) -> dict[str, int]:
    """The labels of the three transactions in a training set that is made at that time."""
    settled = settled_until(as_of, WINDOWS.settled_days, "UTC")
    late = as_of.date() - timedelta(days=42)
    rows = [(name, late) for name in IDS] + [(str(day), day) for day in days_before(settled)]
    events = spark.createDataFrame(rows, "transaction_id string, event_date date")

    def with_columns(columns) -> DataFrame:
        missing = [each for each in columns if each.name not in events.columns]
        return events.select(
            "*", *(F.lit(None).cast(each.type).alias(each.name) for each in missing)
        )

    labelled = labels_known_at(with_columns(TRANSACTIONS.columns), table, as_of, settled=settled)
    made = training_set(with_columns(FRAUD_FEATURES_TABLE.columns), labelled, WINDOWS)
    found = made.where(F.col("transaction_id").isin(*IDS)).collect()
    return {row.transaction_id: row.is_fraud for row in found}


def test_a_label_that_comes_late_by_file_topic_or_api_is_learned_from_the_day_after(
    spark, broker, world_settings, tmp_path, monkeypatch
):
    known_at = datetime.now(UTC) - timedelta(hours=1)
    row = {"is_fraud": 1, "known_at": known_at.isoformat()}
    (tmp_path / "labels").mkdir()
    filed = [{"transaction_id": "filed", **row}, {"transaction_id": "broken", "is_fraud": 1}]
    lines = "\n".join(map(json.dumps, filed))
    (tmp_path / "labels" / "one.json").write_text(lines)
    topic = world_settings.stream.labels_topic
    broker.send(topic, [json.dumps({"transaction_id": "sent", **row}).encode()])
    label = {"transaction_id": "told", "is_fraud": True, "event_time": known_at.isoformat()}
    with TestClient(create_app(world_settings)) as client:
        told = client.post("/feedback", json={"feedback": [{"kind": "label", **label}]})
        assert told.json() == {"accepted": 1}

    sources = (
        {"format": "json", "path": str(tmp_path / "labels")},
        {"format": "kafka", "path": topic},
    )
    for source in (*sources, *sources):
        monkeypatch.setenv("IGNITEFLOW_SOURCES__LABELS", json.dumps(source))
        settings = load_settings()
        made = dg.materialize(
            [feedback_log, validated_labels], resources=platform_resources(settings)
        )
        assert made.success

    table = spark.read.format("delta").load(f"{world_settings.lake.root}/labels")
    assert sorted(row.transaction_id for row in table.collect()) == sorted(IDS)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert trained_on(spark, table, tomorrow) == dict.fromkeys(IDS, 1)
    assert trained_on(spark, table, known_at - timedelta(seconds=1)) == dict.fromkeys(IDS, 0)
