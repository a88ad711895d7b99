import asyncio
from pathlib import Path

import pytest

from igniteflow_core.config.online import RedisSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.breaker import CircuitBreaker
from igniteflow_core.online.redis import RedisOnlineStore
from igniteflow_core.online.store import EntityKey
from tests.redis_server import redis_server

CARD = [EntityKey("customer", "C1")]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_few_failures_keep_nobody_from_asking():
    breaker = CircuitBreaker(Clock())
    for _ in range(20):
        for _ in range(4):
            breaker.failed()
        assert breaker.lets_through()
        breaker.answered()


def test_of_a_server_that_is_away_one_call_a_second_asks_until_one_is_answered():
    clock = Clock()
    breaker = CircuitBreaker(clock)
    for _ in range(5):
        assert breaker.lets_through()
        breaker.failed()
    asked = []
    for tenth in range(1, 31):
        clock.now = tenth / 10
        if breaker.lets_through():
            asked.append(tenth)
            breaker.failed()
    assert asked == [10, 20, 30]
    clock.now = 4.1
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert all(breaker.lets_through() for _ in range(3))


async def answers(store: RedisOnlineStore) -> bool:
    try:
        return (await store.read_async(CARD)).states == [None]
    except OnlineStoreError:
        return False


@pytest.mark.integration
def test_reads_of_a_redis_that_was_killed_fail_at_once_until_it_is_back(tmp_path: Path):
    async def errors_until_it_is_back() -> list[str]:
        with redis_server(tmp_path) as server:
            store = RedisOnlineStore(RedisSettings(port=server.port), "tests", 60)
            await store.read_async(CARD)
            server.kill()
            told = []
            for _ in range(7):
                with pytest.raises(OnlineStoreError) as failed:
                    await store.read_async(CARD)
                told.append("not due yet" in str(failed.value))
            server.start()
            async with asyncio.timeout(30):
                while not await answers(store):
                    await asyncio.sleep(0.1)
            return told

    assert asyncio.run(errors_until_it_is_back()) == [False] * 5 + [True] * 2
