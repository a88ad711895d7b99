"""The stream killed at random moments under load."""

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

from igniteflow_resources.stream.progress import read_progress

from .conftest import World, as_bytes, transaction

# The long form: IGNITEFLOW_TEST_KILLS=10, as docs/benchmarks.md reports it.
KILLS = int(os.environ.get("IGNITEFLOW_TEST_KILLS", "2"))
MESSAGES_A_SECOND = 50


class Load(threading.Thread):
    """Sends transactions at a steady rate until it is told to end; one in fifty is bad."""

    def __init__(self, world: World):
        super().__init__(daemon=True)
        self.world = world
        self.sent: list[dict] = []
        self.bad = 0
        self.ended = threading.Event()

    def run(self):
        number = 0
        while not self.ended.wait(0.2):
            batch = [transaction(number + n) for n in range(MESSAGES_A_SECOND // 5)]
            number += len(batch)
            self.sent += batch
            self.world.send(as_bytes(batch))
            if number % 50 == 0:
                self.bad += 1
                self.world.send([b"no transaction"])


def start_stream(ensemble_folder: Path, log: Path) -> subprocess.Popen:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.stream_process", str(ensemble_folder)],
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


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


@pytest.mark.slow
def test_killed_under_load_every_transaction_is_scored_once(
    world: World, ensemble_folder: Path, tmp_path: Path
):
    chance = random.Random(7)
    log = tmp_path / "stream.log"
    load = Load(world)
    load.start()

    def batch() -> int:
        last = read_progress(world.settings.stream).last_batch
        return -1 if last is None else last.batch_id

    for _ in range(KILLS):
        before = batch()
        process = start_stream(ensemble_folder, log)
        wait_for(lambda before=before: batch() > before, process, log, 90)
        # A micro-batch takes about a second: anywhere in one of the next few.
        time.sleep(chance.uniform(0, 3))
        kill(process)
    load.ended.set()
    load.join()
    process = start_stream(ensemble_folder, log)
    wait_for(lambda: read_progress(world.settings.stream).lag == 0, process, log, 120)
    process.terminate()
    assert process.wait(60) == 0

    sent = sorted(message["transaction_id"] for message in load.sent)
    rows = world.rows.select("transaction_id", "score").collect()
    assert sorted(row["transaction_id"] for row in rows) == sent
    scores = world.scores
    assert sorted(message["transaction_id"] for message in scores) == sent
    in_delta = {row["transaction_id"]: row["score"] for row in rows}
    assert {message["transaction_id"]: message["score"] for message in scores} == in_delta
    assert Counter(letter["reason"] for letter in world.dead_letters) == {"invalid_json": load.bad}
