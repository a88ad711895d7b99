"""With the online store away: a real Redis is killed under the API, and comes back empty."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.config.online import RedisSettings
from igniteflow_core.online.connect import connect_online_store
from igniteflow_serving.contract import PredictResponse, RecommendResponse
from tests.local_server import Server
from tests.redis_server import redis_server
from tests.serving.test_predict import counted
from tests.serving.world import World, transaction, write_states


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
def on_redis(world: World, redis: Server) -> World:
    redis_settings = RedisSettings(port=redis.port)
    online = world.settings.online.model_copy(update={"backend": "redis", "redis": redis_settings})
    world.settings = world.settings.model_copy(update={"online": online})
    fill(world)
    return world


def fill(world: World) -> None:
    with closing(connect_online_store(world.settings.online)) as store:
        write_states(store, world.past)


def test_a_user_is_answered_as_a_stranger_and_in_no_experiment(on_redis: World, redis: Server):
    experiment = ExperimentSettings.model_validate(
        {"name": "new_blend", "primary": {"name": "clicks"}, "start": "2025-01-01T00:00:00Z"}
    )
    on_redis.settings = on_redis.settings.model_copy(update={"experiments": (experiment,)})
    with on_redis.client() as client:

        def asked(user: str) -> RecommendResponse:
            answer = client.post("/recommend", json={"user_id": user})
            assert answer.status_code == 200, answer.text
            return RecommendResponse.model_validate(answer.json())

        stranger, before = asked("nobody"), asked("U1")
        failed = counted(client, "user", "failed")
        redis.kill()
        without = asked("U1")
        assert counted(client, "user", "failed") == failed + 1
        redis.start()
        fill(on_redis)
        after = asked("U1")

    assert (before.history, stranger.history) == ("known", "absent")
    assert (without.history, without.source, without.experiments) == (
        "unavailable", "popularity", {},
    )  # fmt: skip
    assert without.items == stranger.items
    assert (after.history, after.items) == ("known", before.items)
    assert {row["user_id"] for row in on_redis.log("exposures")} == {"nobody", "U1"}
    assert len(on_redis.log("exposures")) == 3


def test_a_transaction_is_refused_unless_the_policy_is_to_score(on_redis: World, redis: Server):
    with on_redis.client() as client:
        assert client.post("/predict", json=transaction()).status_code == 200
        failed = counted(client, "customer", "failed")
        redis.kill()
        answer = client.post("/predict", json=transaction())
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert counted(client, "customer", "failed") == failed + 1


def test_by_policy_it_is_scored_by_itself_and_marked(on_redis: World, redis: Server):
    strangers = transaction(customer_id="nobody", terminal_id="nowhere")
    policies = on_redis.with_serving(unavailable_features="score", absent_features="refuse")
    with on_redis.client() as client:
        expected = client.post("/predict", json=strangers).json()["score"]
    with policies.client() as client:
        redis.kill()
        told = client.post("/predict", json={"transactions": [transaction()]}).json()

    (prediction,) = PredictResponse.model_validate(told).predictions
    assert prediction.score == expected
    assert (prediction.features.customer, prediction.features.terminal) == (
        "unavailable", "unavailable",
    )  # fmt: skip
    assert prediction.features.age_seconds is None
    logged = {row["customer_state"] for row in policies.log("decision_log")}
    assert logged == {"absent", "unavailable"}


def test_a_server_waits_for_the_store_once_and_stays_ready_without_it(
    on_redis: World, redis: Server
):
    with on_redis.client() as client:
        assert client.get("/readyz").json()["online_store"] == "answers"
        redis.kill()
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["online_store"]) == (200, "away")
        assert client.get("/healthz").status_code == 200
    with on_redis.client() as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert client.get("/healthz").status_code == 200
        redis.start()
        assert client.get("/readyz").json()["online_store"] == "answers"
