"""Ids, keys, limits, time-outs and errors."""

import asyncio
import hashlib
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from igniteflow_core.config.serving import ApiKeySettings
from igniteflow_core.errors import ConfigurationError, OnlineStoreError
from igniteflow_core.online.embedded import EmbeddedOnlineStore
from igniteflow_core.telemetry import tracing
from igniteflow_serving import boundary
from igniteflow_serving.api_keys import ApiKeys
from igniteflow_serving.app import create_app
from igniteflow_serving.errors import ApiError
from tests.serving.world import transaction

KEY = "k" * 40


def key(name="shop", secret=KEY, **changes) -> ApiKeySettings:
    return ApiKeySettings(name=name, sha256=hashlib.sha256(secret.encode()).hexdigest(), **changes)


def test_a_correlation_id_goes_out_as_it_came_in(client):
    headers = {"X-Correlation-ID": "abc-1"}
    assert client.get("/healthz", headers=headers).headers["x-correlation-id"] == "abc-1"
    wrong = client.post("/predict", json={}, headers=headers)
    assert wrong.json()["error"]["correlation_id"] == "abc-1"


def test_a_request_without_correlation_id_gets_one(client):
    ids = {client.get("/healthz").headers["x-correlation-id"] for _ in range(2)}
    assert len(ids) == 2


def test_only_a_known_key_may_call(world):
    with world.with_serving(api_keys=(key(),)).client() as client:
        for headers in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": ""}):
            answer = client.post("/predict", json=transaction(), headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
        answer = client.post("/predict", json=transaction(), headers={"X-API-Key": KEY})
        assert answer.status_code == 200
        assert world.log("decision_log")[0]["caller"] == "shop"
        for path in ("/healthz", "/docs", "/openapi.json"):
            assert client.get(path).status_code == 200


def test_each_key_has_a_rate_of_its_own():
    now = 0.0
    keys = ApiKeys(
        [key("slow", "s", requests_per_minute=60), key("fast", "f", requests_per_minute=6_000)],
        clock=lambda: now,
    )
    assert keys.admit("s") == "slow"
    with pytest.raises(ApiError) as refused:
        keys.admit("s")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    assert [keys.admit("f") for _ in range(100)] == ["fast"] * 100
    now = 1.0
    assert keys.admit("s") == "slow"


def test_outside_local_an_api_without_keys_does_not_start(world):
    open_to_all = world.settings.model_copy(update={"environment": "prod"})
    with pytest.raises(ConfigurationError, match="would not require an API key"):
        create_app(open_to_all)


def test_a_body_beyond_the_limit_is_refused_announced_or_not(world):
    with world.with_serving(max_body_bytes=1_000).client() as client:
        large = b" " * 1_001
        for content in (large, iter([large[:600], large[600:]])):
            answer = client.post("/predict", content=content)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_request_that_takes_too_long_is_ended(world, monkeypatch):
    async def never(self, keys):
        await asyncio.sleep(60)

    monkeypatch.setattr("igniteflow_core.online.embedded.EmbeddedOnlineStore.read_async", never)
    with world.with_serving(timeout_seconds=0.05).client() as client:
        answer = client.post("/predict", json=transaction())
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timeout")


def test_more_requests_than_may_be_under_way_are_refused_at_once(world, monkeypatch):
    under_way, release = threading.Semaphore(0), threading.Event()
    read = EmbeddedOnlineStore.read_async

    async def slow(self, keys):
        under_way.release()
        while not release.is_set():
            await asyncio.sleep(0.01)
        return await read(self, keys)

    monkeypatch.setattr(EmbeddedOnlineStore, "read_async", slow)
    limited = world.with_serving(max_concurrent_requests=2)
    with limited.client() as client, ThreadPoolExecutor(2) as callers:

        def ask(_=None):
            return client.post("/predict", json=transaction())

        waiting = [callers.submit(ask) for _ in range(2)]
        assert all(under_way.acquire(timeout=10) for _ in waiting)
        refused = ask()
        probe = client.get("/healthz").status_code
        release.set()
        answered = [each.result().status_code for each in waiting]
        answered.append(ask().status_code)

    assert answered == [200, 200, 200]
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert probe == 200


def test_a_store_that_is_away_is_told_without_its_address(world, monkeypatch, caplog):
    async def away(self, keys):
        raise OnlineStoreError("secret-host is away", where="secret-host", fix="start it")

    monkeypatch.setattr("igniteflow_core.online.embedded.EmbeddedOnlineStore.read_async", away)
    with world.client() as client, caplog.at_level(logging.ERROR):
        answer = client.post("/predict", json=transaction())
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert "secret-host" not in answer.text
    assert "secret-host" in caplog.text


def test_a_mistake_of_ours_leaks_nothing_and_is_logged(world, monkeypatch, caplog):
    async def broken(self, keys):
        raise KeyError("internal detail")

    monkeypatch.setattr("igniteflow_core.online.embedded.EmbeddedOnlineStore.read_async", broken)
    with world.client() as client, caplog.at_level(logging.ERROR):
        answer = client.post("/predict", json=transaction())
        assert client.get("/healthz").status_code == 200
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "internal detail" not in answer.text
    assert "internal detail" in caplog.text


def test_unknown_paths_and_methods_have_the_same_form_of_error(client):
    assert client.get("/nothing").json()["error"]["code"] == "not_found"
    answer = client.get("/predict")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_requests_are_counted_by_route_never_by_what_was_typed(client):
    client.get("/some/path/typed/by/anybody")
    client.post("/predict", json=transaction())

    text = client.get("/metrics").text
    assert "typed" not in text
    wanted = 'igniteflow_api_requests_total{endpoint="/predict",method="POST",status="200"}'
    assert wanted in text
    assert 'igniteflow_api_request_duration_seconds_bucket{endpoint="/predict"' in text
    assert 'igniteflow_memory_usage_bytes{component="serving"}' in text


def test_a_callers_trace_goes_on_through_the_parts_of_a_request(world, monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for module in (boundary, tracing):
        monkeypatch.setattr(module, "_tracer", provider.get_tracer("tests"))
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    with world.client() as client:
        header = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
        assert client.post("/predict", json=transaction(), headers=header).status_code == 200
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        "read online features", "compute features", "score", "POST /predict",
    ]  # fmt: skip
    assert {format(span.context.trace_id, "032x") for span in spans} == {trace_id}
    assert format(spans[-1].parent.span_id, "016x") == "b7ad6b7169203331"
