"""The command ``igniteflow stream``, or its broker, killed at random moments under load."""

import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from igniteflow_core.errors import StreamOutputError
from igniteflow_resources.stream.progress import read_progress

from .conftest import MICRO, START, World, as_bytes, transaction

# The long form, as docs/benchmarks.md reports it: STREAM_TEST_KILLS=10.
KILLS = int(os.environ.get("STREAM_TEST_KILLS", "1"))
BROKER_KILLS = int(os.environ.get("STREAM_TEST_BROKER_KILLS", "1"))
MESSAGES_A_SECOND = int(os.environ.get("STREAM_TEST_MESSAGES_A_SECOND", "50"))
OUT_OF_ORDER = 20

_log = logging.getLogger(__name__)


class Load(threading.Thread):
    """Sends transactions at a steady rate until it is told to end.

    They are a second apart in event time, and shuffled within twenty. Of fifty messages one is bad
    and one repeats an earlier one.
    """

    def __init__(self, world: World):
        super().__init__(daemon=True)
        self.world = world
        self.sent: list[str] = []
        self.refused: Counter[str] = Counter()
        self.ended = threading.Event()

    def run(self):
        chance = random.Random(11)
        started = time.monotonic()
        while not self.ended.wait(0.05):
            due = int((time.monotonic() - started) * MESSAGES_A_SECOND) - len(self.sent)
            for _ in range(due // OUT_OF_ORDER):
                self._send_some(chance)

    def _send_some(self, chance: random.Random) -> None:
        first = len(self.sent)
        numbers = list(range(first, first + OUT_OF_ORDER))
        chance.shuffle(numbers)
        self.sent += [transaction(number)["transaction_id"] for number in sorted(numbers)]
        if chance.random() < OUT_OF_ORDER / 50:
            numbers.append(chance.choice(range(max(0, first - 500), first + OUT_OF_ORDER)))
            self.refused["duplicate_id"] += 1
        messages = as_bytes(
            [transaction(number, event_time=START + number * MICRO) for number in numbers]
        )
        if chance.random() < OUT_OF_ORDER / 50:
            messages.append(b"no transaction")
            self.refused["invalid_json"] += 1
        self.world.send(messages)


def start_stream(log: Path) -> subprocess.Popen:
    command = Path(sys.executable).with_name("igniteflow")
    with log.open("ab") as output:
        return subprocess.Popen(
            [command, "stream"], stdout=output, stderr=output, start_new_session=True
        )


def kill(process: subprocess.Popen) -> None:
    """Python and its Java, at once and without warning."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition, process: subprocess.Popen, log: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, log.read_text()[-3_000:]
        assert time.monotonic() < end, log.read_text()[-3_000:]
        time.sleep(0.1)


def last_batch(world: World) -> int:
    """Its number; -1 if there is none, or Kafka does not tell it yet."""
    try:
        last = read_progress(world.settings.stream).last_batch
    except StreamOutputError:
        return -1
    return -1 if last is None else last.batch_id


def assert_each_is_scored_once(world: World, load: Load) -> None:
    """In Delta and on the topic of scores, with the same score, and what is bad is dead."""
    rows = world.rows.select("transaction_id", "score").collect()
    assert sorted(row["transaction_id"] for row in rows) == load.sent
    scores = world.scores
    assert sorted(message["transaction_id"] for message in scores) == load.sent
    in_delta = {row["transaction_id"]: row["score"] for row in rows}
    assert {message["transaction_id"]: message["score"] for message in scores} == in_delta
    refused = Counter(letter["reason"] for letter in world.dead_letters)
    assert refused == load.refused
    _log.info("%d transactions, refused: %s", len(load.sent), dict(refused))


@pytest.mark.slow
def test_killed_under_load_every_transaction_is_scored_once(world: World, tmp_path: Path):
    chance = random.Random(7)
    log = tmp_path / "stream.log"
    load = Load(world)
    load.start()
    # The last start is told to end instead, under the same load.
    for number in range(KILLS + 1):
        before = last_batch(world)
        process = start_stream(log)
        wait_for(lambda before=before: last_batch(world) > before, process, log, 180)
        # A micro-batch takes about a second: anywhere in one of the next few.
        time.sleep(chance.uniform(0, 3))
        if number < KILLS:
            kill(process)
    process.terminate()
    assert process.wait(60) == 0, log.read_text()[-3_000:]
    assert read_progress(world.settings.stream).lag > 0
    load.ended.set()
    load.join()
    world.run()
    assert_each_is_scored_once(world, load)


class Supervised:
    """The stream, started again whenever it has ended, as whoever supervises it does."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process = start_stream(log)

    def wait_for(self, condition, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log.read_text()[-3_000:]
            if self.process.poll() is not None:
                self.process = start_stream(self.log)
            time.sleep(0.5)


@pytest.mark.slow
def test_with_its_broker_killed_under_load_every_transaction_is_scored_once(
    world: World, tmp_path: Path
):
    chance = random.Random(8)
    load = Load(world)
    load.start()
    stream = Supervised(tmp_path / "stream.log")
    try:
        for number in range(BROKER_KILLS + 1):
            before = last_batch(world)
            stream.wait_for(lambda before=before: last_batch(world) > before, 300)
            if number < BROKER_KILLS:
                time.sleep(chance.uniform(0, 3))
                world.broker.server.kill()
                time.sleep(chance.uniform(0, 3))
                world.broker.server.start()
    finally:
        kill(stream.process)
    load.ended.set()
    load.join()
    world.run()
    assert_each_is_scored_once(world, load)
