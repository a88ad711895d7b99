"""The real server, with Redis away: nothing that it answers or writes tells a secret."""

import json

from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Rollout
from tests.canaries.conftest import assert_no_canary
from tests.serving.conftest import ensembles, past  # noqa: F401 - fixtures
from tests.serving.real_server import real_server, request
from tests.serving.test_attacks import sha256
from tests.serving.world import SOURCES, World, transaction


def test_answers_metrics_and_logs_hold_no_secret(canaries, tmp_path, ensembles, past):  # noqa: F811
    key = canaries["container_token"]
    settings = Settings.model_validate(
        {
            "environment": "local",
            "partitions": {"start_date": "2025-01-01"},
            "sources": SOURCES,
            "serving": {"endpoints_dir": str(tmp_path / "endpoints")},
        }
    )
    world = World(settings, ensembles, past)
    world.add_version("1")
    world.fraud.roll_out(Rollout(champion="1"))
    body = json.dumps(transaction()).encode()
    keys = [{"name": "shop", "sha256": sha256(key)}]
    with real_server(world, tmp_path, ready="/healthz", api_keys=keys) as server:
        answers = [
            server.exchange(request(method, target, body, *headers))
            for method, target in (("POST", "/predict"), ("POST", "/recommend"), ("GET", "/readyz"))
            for headers in ((), (b"X-API-Key: " + key.encode(),), (b"X-API-Key: x" + key.encode(),))
        ]
        answers.append(server.exchange(request("GET", "/metrics")))
    assert {int(answer.split(b" ")[1]) for answer in answers} >= {200, 401, 503}
    assert b"a dependency is unavailable" in server.log.read_bytes()
    for answer in answers:
        assert_no_canary(answer, "an answer")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert_no_canary(path.read_bytes(), path.name)
