"""Probes, the SageMaker contract, what is imported, and a fuzzer."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from igniteflow_serving.app import create_app
from tests.serving.world import transaction

ROOT = Path(__file__).parents[2]

START_WITHOUT_DAGSTER_AND_JAVA = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[3].split(","):
            raise ModuleNotFoundError(f"{name} is not in this image", name=name)

sys.meta_path.insert(0, Blocked())
from pathlib import Path
from fastapi.testclient import TestClient
from igniteflow_core.config.settings import Settings
from igniteflow_serving.app import create_app

settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
with TestClient(create_app(settings)) as client:
    print(client.get("/readyz").json())
    answer = client.post("/predict", content=sys.argv[2])
    assert answer.status_code == 200, answer.text
"""


def test_it_starts_and_scores_without_dagster_java_or_any_training_library(world, tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(world.settings.model_dump_json())
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START_WITHOUT_DAGSTER_AND_JAVA, str(path),
         json.dumps(transaction()), "dagster,pyspark,py4j,delta,mlflow,treelite,sklearn,xgboost"],
        cwd=ROOT, env={"PATH": "", "JAVA_HOME": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "'fraud': '1'" in result.stdout


def test_ready_means_model_and_store(world):
    with world.client() as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {
                "status": "ready",
                "models": {"fraud": "1", "recommender": "4"},
                "online_store": "answers",
            },
        )


def test_without_any_model_it_is_alive_and_not_ready(world):
    empty = world.with_serving(endpoints_dir=str(Path(world.settings.serving.log_dir) / "none"))
    with empty.client() as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json()["error"]["code"] == "not_ready"


def test_sagemakers_contract_is_spoken(world):
    with world.with_serving(contract="sagemaker").client() as client:
        assert client.get("/ping").status_code == 200
        answer = client.post("/invocations", json=transaction())
        assert answer.json()["model_version"] == "1"
        assert client.post("/predict", json=transaction()).status_code == 404
        (world.fraud.folder / "rollout.json").unlink()
    with world.with_serving(contract="sagemaker").client() as client:
        answer = client.post("/invocations", json={"user_id": "U1", "n": 3})
        assert len(answer.json()["items"]) == 3
    assert not Path(world.settings.serving.log_dir).exists()


def test_the_documented_examples_are_answered(world, client):
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            bodies = operation.get("requestBody", {}).get("content", {})
            for example in bodies.get("application/json", {}).get("examples", {}).values():
                answer = client.request(method, path, json=example["value"])
                assert answer.status_code == 200 or answer.json()["error"]["code"] == "unknown_item"


@pytest.fixture
def documented(world):
    """The OpenAPI description of a server that listens."""
    config = uvicorn.Config(create_app(world.settings), port=0, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    server.should_exit = True
    thread.join(20)


every_operation = schemathesis.pytest.from_fixture("documented")


@pytest.mark.slow
@every_operation.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_generated_request_makes_the_server_fail(case):
    case.call_and_validate(
        checks=[
            checks.not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )
