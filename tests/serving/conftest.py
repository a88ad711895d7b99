from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from fastapi.testclient import TestClient
from scipy import sparse

from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.features.state import Transaction
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.recommendations.artifact import save_recommender
from igniteflow_core.recommendations.blend import BlendWeights
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import fit_ease
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.popularity import PopularityModel
from tests.serving.world import HOUR, SOURCES, T0, World, fitted, write_states


@pytest.fixture(scope="session")
def ensembles() -> dict[str, FraudEnsemble]:
    return {"1": fitted(1), "2": fitted(2)}


@pytest.fixture(scope="session")
def past() -> list[Transaction]:
    """What the store has seen: ten transactions of one card, an hour apart, at two terminals."""
    return [
        Transaction(f"P{n}", T0 + n * HOUR, "C1", f"T{n % 2 + 1}", 10.0 + n, is_fraud=0)
        for n in range(10)
    ]


@pytest.fixture(scope="session")
def recommender() -> HybridRecommender:
    random = np.random.default_rng(5)
    likes = sparse.csr_array((random.random((60, 40)) < 0.2).astype(np.float32))
    content = random.normal(size=(40, 6)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    factors = random.normal(size=(40, 4)).astype(np.float32)
    return HybridRecommender(
        item_ids=np.sort(np.array([f"I{n}" for n in range(40)])),
        members=Members(
            popularity=PopularityModel(
                counts=np.asarray(likes.sum(axis=0), dtype=np.float64),
                smoothing=1.0,
                segments=np.array([], dtype=np.str_),
                segment_counts=np.zeros((0, 40)),
                prior=10.0,
            ),
            content=ContentModel(content),
            als=AlsRanker(factors, (factors.T @ factors).astype(np.float64), 0.5, 2.0),
            item_item=fit_ease(likes, ItemItemSettings(l2=10.0)),
        ),
        weights=BlendWeights(
            sizes=np.array([0.0, 10.0]),
            known_items=np.array([[1.0, 0, 0, 0], [0.1, 0.2, 0.4, 0.3]]),
            new_items=np.array([[0.0, 1, 0], [0.0, 1, 1]]),
        ),
    )


@pytest.fixture
def world(tmp_path, ensembles, past, recommender) -> World:
    settings = Settings.model_validate(
        {
            "environment": "local",
            "partitions": {"start_date": date(2025, 1, 1)},
            "sources": SOURCES,
            "online": {"path": str(tmp_path / "online.db")},
            "serving": {
                "endpoints_dir": str(tmp_path / "endpoints"),
                "log_dir": str(tmp_path / "decisions"),
                "reload_seconds": 0.05,
                "timeout_seconds": 20,
            },
        }
    )
    made = World(settings, ensembles, past)
    made.add_version("1")
    made.fraud.roll_out(Rollout(champion="1"))
    shop = Endpoint(tmp_path / "endpoints" / "recommender")
    shop.add_version("4", lambda folder: save_recommender(recommender, folder))
    shop.roll_out(Rollout(champion="4"))
    store = connect_online_store(settings.online)
    write_states(store, past)
    store.close()
    return made


@pytest.fixture
def client(world) -> Iterator[TestClient]:
    with world.client() as opened:
        yield opened
