"""Which model scores the stream while rollouts come and go."""

import pytest

from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.stream.champion import Champion

from .conftest import World, as_bytes, transaction


def test_a_new_champion_takes_over_between_two_micro_batches(world: World, tmp_path):
    with world.running() as query:
        world.send(as_bytes([transaction(number) for number in range(5)]))
        query.processAllAvailable()
        world.endpoint.roll_out(Rollout(champion="2"))
        world.send(as_bytes([transaction(number) for number in range(5, 10)]))
        query.processAllAvailable()
    rows = world.rows.orderBy("transaction_id").collect()
    assert [row["model_version"] for row in rows] == ["1"] * 5 + ["2"] * 5
    told = {row["transaction_id"]: (row["score"], row["model_version"]) for row in rows}

    # Done again after a lost checkpoint, each keeps the score and the version that Delta holds.
    (tmp_path / "checkpoint").rename(tmp_path / "lost")
    world.send(as_bytes([transaction(10)]))
    world.run()
    scores = world.scores
    assert len(scores) == world.rows.count() == 11
    for score in scores:
        if score["transaction_id"] in told:
            assert (score["score"], score["model_version"]) == told[score["transaction_id"]]


def test_a_version_that_cannot_be_loaded_leaves_the_one_before(world: World):
    champion = Champion(world.endpoint)
    graph = world.endpoint.version_folder("2") / "ensemble.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-1])
    world.endpoint.roll_out(Rollout(champion="2"))
    assert champion.scorer().version == "1"
    with pytest.raises(ModelArtifactError, match=r"ensemble\.onnx"):
        Champion(world.endpoint)
    graph.write_bytes(whole)
    world.endpoint.roll_out(Rollout(champion="2"))
    assert champion.scorer().version == "2"
