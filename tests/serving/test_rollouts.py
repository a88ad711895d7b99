"""Deployments that change while requests go on."""

import threading
import time

import pytest

from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_serving.slots import share_of
from tests.serving.world import transaction


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def load_failures() -> float:
    """How often this process could not load a fraud model, in all of its tests."""
    name = "igniteflow_model_load_failures_total"
    return REGISTRY.get_sample_value(name, {"model_name": "fraud"}) or 0.0


def version_of(client) -> str:
    return client.post("/predict", json=transaction()).json()["model_version"]


def test_a_new_champion_takes_over_without_a_failed_request(world):
    with world.client() as client:
        statuses, versions, ended = [], [], threading.Event()

        def ask():
            while not ended.is_set():
                answer = client.post("/predict", json=transaction())
                statuses.append(answer.status_code)
                versions.append(answer.json().get("model_version"))

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        wait_for(lambda: len(statuses) > 20)
        world.add_version("2")
        world.fraud.roll_out(Rollout(champion="2"))
        wait_for(lambda: versions[-1] == "2")
        world.fraud.remove_unused(Rollout(champion="2"))
        seen = len(statuses)
        wait_for(lambda: len(statuses) > seen + 20)
        ended.set()
        for asker in askers:
            asker.join()

    assert set(statuses) == {200}
    assert set(versions) == {"1", "2"}


def test_a_version_that_cannot_be_loaded_leaves_the_champion_in_place(world):
    with world.client() as client:
        world.add_version("2")
        path = world.fraud.version_folder("2") / "ensemble.onnx"
        path.write_bytes(path.read_bytes()[:-1])
        before = load_failures()
        world.fraud.roll_out(Rollout(champion="2"))
        wait_for(lambda: load_failures() == before + 1)

        assert version_of(client) == "1"
        assert client.get("/readyz").json()["models"]["fraud"] == "1"

        world.fraud.remove_unused(Rollout(champion="1"))
        world.add_version("2")
        world.fraud.roll_out(Rollout(champion="2"))
        wait_for(lambda: version_of(client) == "2")


def test_a_shadow_scores_for_the_log_alone(world):
    world.add_version("2")
    world.fraud.roll_out(Rollout(champion="1", shadow="2"))
    with world.client() as client:
        answer = client.post("/predict", json=transaction()).json()

    rows = {row["role"]: row for row in world.log("decision_log")}
    assert set(rows) == {"champion", "shadow"}
    assert answer["decision_id"] == rows["champion"]["decision_id"]
    assert rows["shadow"]["model_version"] == "2"
    assert rows["shadow"]["features"] == rows["champion"]["features"]
    assert rows["shadow"]["score"] != rows["champion"]["score"]


def test_a_canary_answers_its_share_of_cards_and_always_the_same_ones(world):
    world.add_version("2")
    world.fraud.roll_out(Rollout(champion="1", canary="2", canary_percent=30))
    cards = [f"card{n}" for n in range(200)]
    with world.client() as client:
        body = {"transactions": [transaction(customer_id=card) for card in cards]}
        twice = [
            [
                each["model_version"]
                for each in client.post("/predict", json=body).json()["predictions"]
            ]
            for _ in range(2)
        ]

    assert twice[0] == twice[1]
    assert twice[0] == ["2" if share_of(card) < 0.3 else "1" for card in cards]
    assert 30 <= twice[0].count("2") <= 90
    roles = {(row["role"], row["model_version"]) for row in world.log("decision_log")}
    assert roles == {("champion", "1"), ("canary", "2")}


def test_shares_are_spread_evenly():
    shares = [share_of(f"C{n}") for n in range(20_000)]
    assert abs(sum(share < 0.05 for share in shares) / 20_000 - 0.05) < 0.01


def test_without_a_model_requests_wait_and_the_first_deployment_serves(world):
    (world.fraud.folder / "rollout.json").unlink()
    with world.client() as client:
        answer = client.post("/predict", json=transaction())
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_deployed")
        world.fraud.roll_out(Rollout(champion="1"))
        wait_for(lambda: client.post("/predict", json=transaction()).status_code == 200)


def test_a_version_that_was_not_added_cannot_be_rolled_out(world):
    with pytest.raises(ModelArtifactError, match="version 9"):
        world.fraud.roll_out(Rollout(champion="9"))


def test_adding_a_version_is_whole_or_not_at_all(world):
    def cut_short(folder):
        (folder / "part").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        world.fraud.add_version("9", cut_short)
    assert not world.fraud.version_folder("9").exists()


@pytest.mark.parametrize(
    "wrong", [{"canary": "2"}, {"canary_percent": 5}, {"canary": "2", "canary_percent": 101}]
)
def test_a_canary_needs_its_share(wrong):
    with pytest.raises(ValueError, match="canary"):
        Rollout(champion="1", **wrong)
