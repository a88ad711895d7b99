"""What /recommend and /similar show of a shop whose stock and lists change."""

import time

import numpy as np
import pyarrow as pa
import pytest

from igniteflow_core.errors import PermanentError
from igniteflow_core.online.catalogue import CATALOGUE, catalogue_items, catalogue_state
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import EntityKey, StoredState
from igniteflow_core.recommendations.rules import shop_rules
from igniteflow_serving import service, shop
from tests.serving.test_recommend import ranked


def catalogue(recommender, *, sold_out=(), toys=()) -> pa.Table:
    ids = recommender.item_ids.tolist()
    return pa.table(
        {
            "item_id": ids,
            "name": ids,
            "categories": [["toys"] if item in toys else ["books"] for item in ids],
            "in_stock": [None if item == "I0" else item not in sold_out for item in ids],
        }
    )


def put(world, key, state) -> None:
    store = connect_online_store(world.settings.online)
    store.write({key: state})
    store.close()


def put_catalogue(world, items, as_of=1) -> None:
    put(world, CATALOGUE, catalogue_state(items, as_of=as_of))


def put_list(world, recommended, model_version="4") -> None:
    history = UserHistory({"I1": 1.0}, ("I3",), None, recommended, model_version)
    put(world, EntityKey("user", "U1"), StoredState(history.to_bytes(), time.time_ns() // 1_000))


def shown(client, n=5, **body) -> list[str]:
    answer = client.post("/recommend", json={"user_id": "U1", "n": n} | body)
    return [item["item_id"] for item in answer.json()["items"]]


def with_rules(world, **rules):
    recommendations = world.settings.recommendations
    changed = recommendations.rules.model_copy(update=rules)
    settings = recommendations.model_copy(update={"rules": changed})
    world.settings = world.settings.model_copy(update={"recommendations": settings})
    return world


def test_what_is_sold_out_is_not_shown(world, recommender):
    best, second = ranked(recommender, {"I1": 1.0, "I2": 2.0}, ["I3"], 2)
    put_catalogue(world, catalogue(recommender, sold_out=[best]))

    with world.client() as client:
        assert shown(client)[0] == second
        everything = client.post("/similar", json={"item_id": "I5", "n": 100}).json()["items"]

    assert best not in {item["item_id"] for item in everything}
    assert len(everything) == 38


def test_excluded_categories_and_the_number_of_a_category_hold(world, recommender):
    first = ranked(recommender, {"I1": 1.0, "I2": 2.0}, ["I3"], 6)
    put_catalogue(world, catalogue(recommender, toys=first[:3]))

    with with_rules(world, excluded_categories=("toys",)).client() as client:
        assert shown(client, 3) == first[3:]
    with with_rules(world, excluded_categories=(), max_per_category=2).client() as client:
        assert shown(client, 4) == [*first[:2], *first[3:5]]


def test_a_new_stock_is_followed_while_requests_go_on(world, recommender, monkeypatch):
    monkeypatch.setattr(service, "FOLLOW_SECONDS", 0.05)
    with world.client() as client:
        best = shown(client)[0]
        put_catalogue(world, catalogue(recommender, sold_out=[best]))
        deadline = time.monotonic() + 10
        while best in shown(client):
            assert time.monotonic() < deadline, "the sold-out item is still shown"
            time.sleep(0.02)


def test_no_request_waits_for_the_rules_to_be_worked_out(world, recommender, monkeypatch):
    worked_out = []

    def recorded(items, item_ids, settings):
        worked_out.append(len(item_ids))
        return shop_rules(items, item_ids, settings)

    monkeypatch.setattr(shop, "shop_rules", recorded)
    monkeypatch.setattr(service, "FOLLOW_SECONDS", 0.05)
    put_catalogue(world, catalogue(recommender))
    with world.client() as client:
        assert len(worked_out) == 1
        best = shown(client)[0]
        assert len(worked_out) == 1

        put_catalogue(world, catalogue(recommender, sold_out=[best]), as_of=2)
        deadline = time.monotonic() + 10
        while len(worked_out) < 2:
            assert time.monotonic() < deadline, "the new rules wait for a request"
            time.sleep(0.02)
        while best in shown(client):
            assert time.monotonic() < deadline, "the sold-out item is still shown"
        assert len(worked_out) == 2


def test_the_list_of_the_day_answers_without_what_is_sold_out_liked_or_excluded(world, recommender):
    put_list(world, {"I30": 9.0, "I1": 8.0, "I31": 7.0, "gone": 6.0, "I32": 5.0, "I33": 4.0})
    put_catalogue(world, catalogue(recommender, sold_out=["I31"]))

    with world.client() as client:
        answer = client.post("/recommend", json={"user_id": "U1", "n": 2, "exclude": ["I32"]})

    assert answer.json()["source"] == "precomputed"
    assert answer.json()["items"] == [
        {"item_id": "I30", "score": 9.0},
        {"item_id": "I33", "score": 4.0},
    ]


@pytest.mark.parametrize("case", ["too short", "of another model", "likes are given"])
def test_a_list_that_does_not_fit_is_not_used(world, case):
    put_list(world, {"I30": 9.0, "I31": 8.0}, "3" if case == "of another model" else "4")
    body = {"liked": ["I9"]} if case == "likes are given" else {}

    with world.client() as client:
        n = 3 if case == "too short" else 2
        answer = client.post("/recommend", json={"user_id": "U1", "n": n} | body).json()

    assert answer["source"] == "hybrid"
    assert len(answer["items"]) == n


def test_a_catalogue_that_cannot_be_read_leaves_the_one_before(world, recommender, monkeypatch):
    monkeypatch.setattr(service, "FOLLOW_SECONDS", 0.05)
    best = ranked(recommender, {"I1": 1.0, "I2": 2.0}, ["I3"], 1)[0]
    put_catalogue(world, catalogue(recommender, sold_out=[best]))

    with world.client() as client:
        put(world, CATALOGUE, StoredState(b"rubbish", 2))
        deadline = time.monotonic() + 10
        while 'igniteflow_online_reads_total{entity="catalogue",state="failed"}' not in (
            client.get("/metrics").text
        ):
            assert time.monotonic() < deadline, "the failed read is not counted"
            time.sleep(0.02)
        assert best not in shown(client)


def test_a_catalogue_comes_back_as_it_was_written():
    items = pa.table(
        {
            "item_id": ["a", "b"],
            "categories": pa.array([["x"], None], pa.list_(pa.string())),
            "in_stock": [True, None],
            "price": np.array([1.0, 2.0]),
        }
    )
    read = catalogue_items(catalogue_state(items, as_of=3))
    assert read.to_pylist() == items.drop(["price"]).to_pylist()
    with pytest.raises(PermanentError, match="materialize online_catalogue"):
        catalogue_items(StoredState(b"", 3))
