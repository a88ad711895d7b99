"""From the graph to an answer of the API and back into the lake."""

import json
from contextlib import closing
from datetime import UTC

import boto3
import dagster as dg
import pytest
from fastapi.testclient import TestClient
from pyspark.sql import functions as F

from igniteflow_assets.recommendations.interactions import validated_events
from igniteflow_assets.serving.logs import decision_log, feedback_log
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import EntityKey
from igniteflow_resources.platform import platform_resources
from igniteflow_serving.app import create_app
from tests.aws_server import KEYS, REGION, aws_server, new_bucket
from tests.support import GRAPH

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def test_every_card_and_terminal_has_a_state_and_every_user_their_list(graph_run):
    assert graph_run.instance.get_run_by_id(graph_run.run_id).is_success
    metadata = graph_run.metadata("online_features")
    customers = graph_run.table("customers").count()
    assert metadata["states_customer"].value >= customers
    with closing(connect_online_store(graph_run.settings.online)) as store:
        row = graph_run.table("customers").first()
        assert store.read([EntityKey("customer", row["customer_id"])]).states[0] is not None
        listed = graph_run.table("recommendations").orderBy("user_id", "rank").limit(3).collect()
        stored = store.read([EntityKey("user", listed[0]["user_id"])]).states[0]
    precomputed = UserHistory.from_bytes(stored.payload).precomputed(3)
    assert precomputed == [(row["item_id"], row["score"]) for row in listed]


def test_the_champions_are_tried_and_rolled_out(graph_run):
    # Of the run itself: a later one of the same versions has nothing to try.
    made = graph_run.materializations()
    for asset in ("fraud_endpoint", "recommendation_endpoint"):
        metadata = made[asset].metadata
        assert metadata["rollout"].data["champion"] == "1"
        assert set(metadata["trial_answers"].data) == {"1"}


def test_what_is_rolled_out_is_deployed_to_sagemaker_where_that_is_configured(
    graph_run, monkeypatch
):
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    with aws_server() as aws:
        new_bucket(aws, "models")
        sagemaker = {
            "bucket": "models", "image": "serving", "role_arn": "arn:aws:iam::1:role/serving",
            "region": REGION, "endpoint_url": aws,
        }  # fmt: skip
        monkeypatch.setenv("IGNITEFLOW_SERVING__SAGEMAKER", json.dumps(sagemaker))
        result = dg.materialize(
            GRAPH,
            selection=["recommendation_endpoint"],
            resources=platform_resources(load_settings()),
        )
        (made,) = result.asset_materializations_for_node("recommendation_endpoint")
        client = boto3.client("sagemaker", region_name=REGION, endpoint_url=aws)
        served = client.describe_endpoint(EndpointName="igniteflow-recommender")
    assert served["EndpointConfigName"] == made.metadata["sagemaker_config"].value
    assert served["EndpointStatus"] == "InService"


def test_the_api_uses_the_features_of_the_batch_and_its_log_becomes_a_table(graph_run):
    newest = graph_run.table("fraud_features").where("event_date = DATE'2025-01-24'")
    rows = newest.orderBy("transaction_id").limit(200).collect()
    scores = {
        row["transaction_id"]: row["score"]
        for row in graph_run.table("fraud_scores").where("event_date = DATE'2025-01-24'").collect()
    }
    # What is tested is not how fast it is, beside whatever else the machine does.
    patient = graph_run.settings.serving.model_copy(update={"timeout_seconds": 60.0})
    settings = graph_run.settings.model_copy(update={"serving": patient})
    with TestClient(create_app(settings)) as client:
        for row in rows:
            body = {
                "transaction_id": row["transaction_id"],
                "event_time": row["event_time"].replace(tzinfo=UTC).isoformat(),
                "customer_id": row["customer_id"],
                "terminal_id": row["terminal_id"],
                "amount": row["amount"],
            }
            answer = client.post("/predict", json=body)
            assert answer.status_code == 200, answer.text
            assert answer.json()["score"] == pytest.approx(scores[row["transaction_id"]], abs=1e-6)
        outcome = {
            "kind": "outcome", "user_id": "of the API", "item_id": "I1", "action": "hide",
            "event_time": "2025-01-24T12:00:00Z",
        }  # fmt: skip
        assert client.post("/feedback", json={"feedback": [outcome]}).status_code == 200

    for _ in range(2):
        result = dg.materialize(
            [decision_log, feedback_log, validated_events],
            resources=platform_resources(graph_run.settings),
        )
        assert result.success
    logged = graph_run.table("decision_log")
    assert logged.count() == len(rows)
    features = {
        row["transaction_id"]: row["features"]
        for row in logged.select("transaction_id", "features").collect()
    }
    batch = {row["transaction_id"]: [row[name] for name in FEATURE_NAMES] for row in rows}
    assert features == batch
    assert graph_run.table("feedback_log").count() == 1
    (event,) = graph_run.table("events").where("user_id = 'of the API'").collect()
    assert (event["item_id"], event["event_type"]) == ("I1", "hide")
    assert logged.agg(F.min("event_time")).first()[0].date().isoformat() == "2025-01-24"
