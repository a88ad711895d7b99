import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from igniteflow_core.config.online import OnlineStoreSettings, RedisSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import LINES_BYTES, EntityKey, StoredState
from tests.local_server import free_port
from tests.redis_server import flush, redis_server

pytestmark = pytest.mark.integration

CARD = EntityKey("customer", "C1")
SHOP = EntityKey("terminal", "T1")
DAY = 86_400_000_000
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server.port


@pytest.fixture(params=["embedded", "redis"])
def settings(request, tmp_path):
    if request.param == "redis":
        port = request.getfixturevalue("redis_port")
        flush(port)
        return OnlineStoreSettings(backend="redis", redis=RedisSettings(port=port, timeout=5))
    return OnlineStoreSettings(path=str(tmp_path / "online" / "features.db"))


@pytest.fixture
def store(settings):
    opened = connect_online_store(settings)
    yield opened
    opened.close()


def test_a_state_comes_back_as_it_was_written(store):
    payload = bytes(range(256))
    assert store.write({CARD: StoredState(payload, DAY)}) == 1

    snapshot = store.read([SHOP, CARD])

    assert snapshot.states == [None, StoredState(payload, DAY)]


def test_an_event_loop_reads_the_same(store):
    store.write({CARD: StoredState(b"card", 3), SHOP: StoredState(b"shop", 4)})

    async def read():
        await store.check_async()
        return await store.read_async([CARD, SHOP])

    assert asyncio.run(read()) == store.read([CARD, SHOP])


def test_an_id_that_looks_like_a_key_of_the_store_is_only_an_id(store):
    strange = EntityKey("customer", "complete_until:*'; --")
    store.write({strange: StoredState(b"x", 1)})

    assert store.read([strange]).states == [StoredState(b"x", 1)]
    assert store.read([strange]).complete_until is None
    assert store.count("customer") == 1
    assert store.count("terminal") == 0


def test_an_older_state_never_replaces_a_newer_one(store):
    store.write({CARD: StoredState(b"card newer", 2 * DAY)})

    assert store.write({CARD: StoredState(b"card older", DAY), SHOP: StoredState(b"first", 1)}) == 1
    assert store.read([CARD]).states[0].payload == b"card newer"


def test_a_state_of_another_format_is_replaced_whatever_its_age(store):
    store.write({CARD: StoredState(b"old1 newer", 2 * DAY)})

    assert store.write({CARD: StoredState(b"new1 older", DAY)}) == 1
    assert store.read([CARD]).states == [StoredState(b"new1 older", DAY)]


def test_writing_a_state_again_changes_nothing(store):
    states = {CARD: StoredState(b"one", DAY)}

    assert [store.write(states), store.write(states)] == [1, 1]
    assert store.count("customer") == 1


def test_more_states_than_one_batch_are_counted_by_kind(store):
    many = {EntityKey("customer", f"C{n}"): StoredState(b"c", n) for n in range(1_234)}
    many |= {EntityKey("terminal", f"T{n}"): StoredState(b"t", n) for n in range(7)}

    assert store.write(many) == 1_241
    assert (store.count("customer"), store.count("terminal")) == (1_234, 7)


def test_completeness_never_goes_back_and_gives_the_age(store):
    assert store.read([CARD]).age_seconds(DAY) is None

    store.mark_complete(DAY)
    store.mark_complete(DAY - 5)

    snapshot = store.read([CARD])
    assert snapshot.complete_until == DAY
    assert snapshot.age_seconds(DAY + 1_500_000) == 1.5
    assert snapshot.age_seconds(DAY - 1) == 0


def appended(store, key, lines):
    async def append():
        await asyncio.gather(*(store.append_async(key, line) for line in lines))

    asyncio.run(append())
    return store.read([key]).states[0].payload


def test_lines_of_several_writers_are_all_kept(store, settings):
    key, lines = EntityKey("user_events", "U1"), [b"%d\n" % number for number in range(50)]
    assert sorted(appended(store, key, lines).splitlines(keepends=True)) == sorted(lines)
    other = connect_online_store(settings)
    assert appended(other, key, [b"last\n"]).endswith(b"last\n")
    other.close()


def test_of_too_many_lines_the_newest_stay_whole(store):
    key, line = EntityKey("user_events", "U1"), b"x" * 999 + b"\n"
    payloads = []

    # In one loop: a connection of Redis belongs to the loop that opened it.
    async def append():
        for _ in range(20):
            await store.append_async(key, line)
            payloads.append(store.read([key]).states[0].payload)

    asyncio.run(append())
    assert max(map(len, payloads)) <= LINES_BYTES
    assert set(payloads[-1].splitlines(keepends=True)) == {line}
    assert len(payloads[-1]) >= LINES_BYTES // 2


def test_what_was_not_written_for_its_time_to_live_is_gone(settings, monkeypatch):
    store = connect_online_store(settings.model_copy(update={"ttl_days": 1}))
    store.write({CARD: StoredState(b"x", 1)})
    if settings.backend == "redis":
        client = redis.Redis(port=settings.redis.port)
        assert 0 < client.ttl("igniteflow:customer:C1") <= 86_400
        client.expire("igniteflow:customer:C1", -1)
    else:
        later = time.time() + 90_000
        monkeypatch.setattr("time.time", lambda: later)

    assert store.read([CARD]).states == [None]
    assert store.count("customer") == 0
    assert store.write({CARD: StoredState(b"older than what has expired", 0)}) == 1


def test_threads_share_a_store(store):
    def work(number):
        for turn in range(50):
            key = EntityKey("customer", f"C{number}")
            store.write({key: StoredState(b"%d" % turn, turn)})
            assert store.read([key]).states[0].payload == b"%d" % turn

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_more_reads_at_once_than_connections_are_all_answered(store):
    key = EntityKey("customer", "C1")
    store.write({key: StoredState(b"x", 1)})

    async def read_many():
        return await asyncio.gather(*(store.read_async([key]) for _ in range(200)))

    assert {snapshot.states[0].payload for snapshot in asyncio.run(read_many())} == {b"x"}


WRITE_FROM_ANOTHER_PROCESS = """
import sys
from igniteflow_core.config.online import OnlineStoreSettings
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import LINES_BYTES, EntityKey, StoredState

store = connect_online_store(OnlineStoreSettings.model_validate_json(sys.argv[1]))
store.write({EntityKey("terminal", "T1"): StoredState(b"from elsewhere", 1)})
store.close()
"""


def test_another_process_writes_what_this_one_reads(store, settings):
    command = [sys.executable, "-c", WRITE_FROM_ANOTHER_PROCESS, settings.model_dump_json()]
    subprocess.run(command, cwd=ROOT, check=True)

    assert store.read([SHOP]).states == [StoredState(b"from elsewhere", 1)]


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "features.db"
    path.write_bytes(b"no database" * 100)

    with pytest.raises(OnlineStoreError, match=r"features\.db"):
        connect_online_store(OnlineStoreSettings(path=str(path)))


def test_a_server_that_is_away_is_an_error_that_names_it():
    port = free_port()
    store = connect_online_store(
        OnlineStoreSettings(backend="redis", redis=RedisSettings(port=port, connect_timeout=0.2))
    )

    for call in (store.check, lambda: store.read([CARD]), lambda: asyncio.run(store.check_async())):
        with pytest.raises(OnlineStoreError, match=f"redis://localhost:{port}/0"):
            call()
