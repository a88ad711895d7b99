"""Attacks on the real server, byte by byte: nobody gets past the boundary or holds it up."""

import gzip
import hashlib
import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.online.connect import connect_online_store
from tests.serving.real_server import RealServer, real_server, request
from tests.serving.world import SOURCES, World, transaction, write_states

KEY, SLOW_KEY = "k" * 40, "s" * 40
MAX_BODY = 200_000
BODY = json.dumps(transaction()).encode()


def unsigned(*headers: bytes, method: str = "POST", target: str = "/predict") -> bytes:
    return request(method, target, BODY, *headers)


def sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def with_key(body: bytes, *headers: bytes, key: str = KEY, target: str = "/predict") -> bytes:
    return request("POST", target, body, b"X-API-Key: " + key.encode(), *headers)


@pytest.fixture(scope="module")
def server(tmp_path_factory, ensembles, past):
    folder = tmp_path_factory.mktemp("attacked")
    settings = Settings.model_validate(
        {
            "environment": "local",
            "partitions": {"start_date": "2025-01-01"},
            "sources": SOURCES,
            "online": {"path": str(folder / "online.db")},
            "serving": {"endpoints_dir": str(folder / "endpoints")},
        }
    )
    world = World(settings, ensembles, past)
    world.add_version("1")
    world.fraud.roll_out(Rollout(champion="1"))
    store = connect_online_store(settings.online)
    write_states(store, past)
    store.close()
    keys = [
        {"name": "shop", "sha256": sha256(KEY)},
        {"name": "slow", "sha256": sha256(SLOW_KEY), "requests_per_minute": 60},
    ]
    with real_server(
        world, folder, api_keys=keys, max_body_bytes=MAX_BODY, timeout_seconds=1.0
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _serves_on(server: RealServer):
    """After whatever was tried, a good request is answered, and every line of the log is JSON."""
    yield
    assert server.status(with_key(BODY)) == 200
    for line in server.log.read_text().splitlines():
        json.loads(line)


WITHOUT_RIGHT = {
    "no key": unsigned(),
    "empty": with_key(BODY, key=""),
    "wrong": with_key(BODY, key="x" * 40),
    "its hash": with_key(BODY, key=sha256(KEY)),
    "other case": with_key(BODY, key=KEY.upper()),
    "a part": with_key(BODY, key=KEY[:-1]),
    "doubled": with_key(BODY, key=KEY + KEY),
    "two, the wrong first": unsigned(b"X-API-Key: no", b"X-API-Key: " + KEY.encode()),
    "two in one": with_key(BODY, key=f"no, {KEY}"),
    "not ASCII": unsigned(b"X-API-Key: \xff\xfe\xed\xa0\x80"),
    "wide letters": unsigned(b"X-API-Key: " + ("\uff4b" * 40).encode()),
    "NUL": unsigned(b"X-API-Key: " + KEY.encode() + b"\0"),
    "as a bearer": unsigned(b"Authorization: Bearer " + KEY.encode()),
    "in the query": unsigned(target=f"/predict?X-API-Key={KEY}"),
    "in a cookie": unsigned(b"Cookie: X-API-Key=" + KEY.encode()),
    "underscores": unsigned(b"X_API_Key: " + KEY.encode()),
    "folded": unsigned(b"X-API-Key:\r\n " + KEY.encode()[:-1]),
    "local client": unsigned(b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1"),
    "another path": unsigned(
        b"X-Original-URL: /predict", b"X-Rewrite-URL: /predict", target="/healthz"
    ),
    "another method": unsigned(
        b"X-HTTP-Method-Override: POST", b"X-Original-URL: /predict",
        method="GET", target="/healthz",
    ),
    "up from a probe": unsigned(target="/healthz/../predict"),
    "escaped": unsigned(target="/%70redict"),
    "escaped up": unsigned(target="/healthz%2f..%2fpredict"),
    "NUL in the path": unsigned(target="/predict%00/healthz"),
    "two slashes": unsigned(target="//predict"),
    "slash at the end": unsigned(target="/predict/"),
    "capitals": unsigned(target="/PREDICT"),
    "parameters": unsigned(target="/predict;/healthz"),
    "absolute": unsigned(target="http://x/predict"),
    "no path": unsigned(target="?/predict"),
    "SageMaker's": unsigned(target="/invocations"),
    "web socket": request(
        "GET", "/predict", b"", b"Upgrade: websocket", b"Sec-WebSocket-Key: eA==",
        b"Sec-WebSocket-Version: 13",
    ),
    **{
        method: unsigned(method=method)
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", WITHOUT_RIGHT)
def test_nothing_is_decided_for_somebody_without_a_key(name, server):
    before = len(server.logged())
    answer = server.exchange(WITHOUT_RIGHT[name])
    assert b"decision_id" not in answer
    if name != "another method":  # which asks for a probe, and gets it
        assert int(answer.split(b" ", 2)[1]) in {400, 401, 404, 405}
    assert len(server.logged()) == before


def test_without_a_key_only_probes_and_the_documentation_of_local_are_open(server):
    targets = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/redoc", "/docs/",
               "/docs/oauth2-redirect", "/ping", "/", "/predict", "/.env", "/metrics/")  # fmt: skip
    open_to_all = {at for at in targets if server.status(request("GET", at)) == 200}
    assert open_to_all == {"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"}


def test_a_path_with_a_slash_too_many_leads_nowhere(server):
    answer = server.exchange(with_key(BODY, b"X-Forwarded-Host: evil.example", target="/predict/"))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"location" not in answer.lower()


CHUNKED = b"Transfer-Encoding: chunked"
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
TOO_MUCH = {
    "announced": (with_key(b"", b"Content-Length: 999999999"), 413),
    "beyond numbers": (with_key(b"", b"Content-Length: " + b"9" * 400), 400),
    "negative": (with_key(BODY, b"Content-Length: -1"), 400),
    "announced twice": (with_key(BODY, b"Content-Length: 5", b"Content-Length: 9"), 400),
    "two framings": (with_key(b"0\r\n\r\n", CHUNKED, b"Content-Length: 5"), 400),
    "in chunks": (with_key(5 * CHUNK, CHUNKED), 413),
    "one endless chunk": (with_key(b"fffffff\r\n" + b" " * 300_000, CHUNKED), 413),
    "a chunk beyond numbers": (with_key(b"f" * 40 + b"\r\n ", CHUNKED), 400),
    "less than announced": (with_key(BODY, b"Content-Length: 5000"), 504),
    "more than announced": (with_key(BODY, b"Content-Length: 5"), 422),
    "endless head": (b"POST /predict HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 2_000_000, 431),
    "many headers": (b"POST /predict HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 300_000, 431),
    "zip bomb": (with_key(gzip.compress(b"[" * 50_000_000), b"Content-Encoding: gzip"), 422),
    "deep": (with_key(b"[" * (MAX_BODY - 1)), 422),
    "deep objects": (with_key(b'{"transactions":' * (MAX_BODY // 16)), 422),
    "long id": (with_key(json.dumps(transaction(customer_id="C" * 150_000)).encode()), 422),
    "long number": (with_key(BODY.replace(b"25.5", b"9" * 100_000)), 422),
    "too many": (with_key(json.dumps({"transactions": [transaction()] * 1_000}).encode()), 413),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_and_the_connection_ended(name, server):
    sent, status = TOO_MUCH[name]
    answer = server.exchange(sent)
    # One that is still sending may lose the answer with the connection.
    assert not answer or int(answer.split(b" ", 2)[1]) == status
    assert b"decision_id" not in answer


def open_files(server: RealServer) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


@pytest.mark.skipif(not Path("/proc").exists(), reason="counts open files as Linux has them")
def test_slow_requests_hold_nobody_up(server):
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nX-API-Key: " + KEY.encode() + b"\r\n"
    slow = {
        "a head that stops": [head],
        "a head by the byte": [bytes([byte]) for byte in head[:40]],
        "line ends for ever": [b"\r\n"] * 40,
        "a body that stops": [head + b"Content-Length: 100\r\n\r\n{"],
        "a body by the byte": [head + b"Content-Length: 100\r\n\r\n", *[b" "] * 40],
        "chunks by the byte": [head + CHUNKED + b"\r\n\r\n", *[b"1\r\n \r\n"] * 40],
        "more after a refusal": [head + b"Content-Length: 9000000\r\n\r\n", *[b" "] * 40],
        "a second one that stops": [with_key(BODY).replace(b"close", b"keep-alive"), head],
    }
    before = open_files(server)
    with ThreadPoolExecutor(10 * len(slow)) as callers:
        held = [
            callers.submit(server.exchange, *parts, pause=0.2)
            for parts in slow.values()
            for _ in range(10)
        ]
        served = [server.status(with_key(BODY)) for _ in range(10)]
        answers = [each.result()[:12] for each in held]
    assert served == [200] * 10
    # Each was ended by the server: told so, answered, or closed in the middle of what it sent.
    assert {answer[9:12] for answer in answers} <= {b"", b"200", b"408", b"413", b"504"}
    assert open_files(server) <= before + 2


def test_the_rate_of_a_key_holds_for_all_who_use_it(server):
    def ask(number: int) -> int:
        disguise = (f"X-Forwarded-For: 10.0.0.{number}", f"X-Correlation-ID: {number}")
        raw = with_key(BODY, *(each.encode() for each in disguise), key=SLOW_KEY)
        return server.status(raw)

    started = time.monotonic()
    with ThreadPoolExecutor(20) as callers:
        statuses = Counter(callers.map(ask, range(60)))
    assert set(statuses) == {200, 429}
    assert statuses[200] <= 2 + time.monotonic() - started


def test_what_is_sent_cannot_forge_a_line_of_the_log(server):
    forged = '{"decision_id": "forged", "caller": "admin"}'
    ids = {
        "quotes": 'C"}\\u0022', "another alphabet": "\u0421\u03bf1", "words": "Iron Maiden",
        "formula": "=cmd|'/C'!A0", "template": "${jndi:ldap://x}{{7*7}}", "path": "../../etc/x",
        "face": "\U0001f600" * 64,
    }  # fmt: skip
    before = len(server.logged())
    for name, text in ids.items():
        body = json.dumps(transaction(customer_id=text, transaction_id=text)).encode()
        assert server.status(with_key(body)) == 200, name
    told = server.logged()[before:]
    assert [each["customer_id"] for each in told] == list(ids.values())
    assert {each["caller"] for each in told} == {"shop"}

    before = len(server.logged())
    hidden = ("\u202eC1", "C\u200b1", "C\x001", "\x1b[2JC", "C\u2060x", "C\u2028x", "C\x85x")
    for text in (f"C\n{forged}", f"C\r\n{forged}", *hidden, "", " ", "N/A", "C" * 257):
        body = json.dumps(transaction(customer_id=text)).encode()
        assert server.status(with_key(body)) == 422, repr(text)
    for raw in (b'"C\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"C\x01"'):
        assert server.status(with_key(BODY.replace(b'"C1"', raw))) == 422, raw
    assert len(server.logged()) == before


CORRELATION_IDS = {
    "line ends": b"a\r\nX-Evil: 1", "line feed": b"a\n{}", "JSON": b'{"a": "b"}',
    "long": b"a" * 129, "escape": b"\x1b[2J", "not ASCII": "é\u202e".encode(), "empty": b"",
    "template": b"${jndi:x}",
}  # fmt: skip


@pytest.mark.parametrize("name", CORRELATION_IDS)
def test_a_correlation_id_is_taken_only_if_it_is_plain(name, server):
    offered = CORRELATION_IDS[name]
    answer = server.exchange(with_key(BODY, b"X-Correlation-ID: " + offered))
    head = answer.split(b"\r\n\r\n")[0].lower()
    assert b"x-evil" not in head
    if answer.startswith(b"HTTP/1.1 200"):
        (line,) = [each for each in head.split(b"\r\n") if each.startswith(b"x-correlation-id")]
        taken = line.split(b": ")[1].decode()
        assert taken.isalnum()
        assert server.logged()[-1]["correlation_id"] == taken
    else:
        assert answer.startswith(b"HTTP/1.1 400")
