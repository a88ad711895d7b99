import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from igniteflow_core.decisions.log import AppendLog, close_abandoned

ROOT = Path(__file__).parents[3]

APPEND_FOR_EVER = """
import sys
from pathlib import Path
from igniteflow_core.decisions.log import AppendLog

log, number = AppendLog(Path(sys.argv[1]), 10_000_000, 60), 0
while True:
    log.append({"n": number})
    print(number, flush=True)
    number += 1
"""


def closed(folder):
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def test_a_record_is_in_the_file_when_append_returns(tmp_path):
    log = AppendLog(tmp_path, 1_000_000, 60)
    log.append({"at": datetime(2025, 1, 2, tzinfo=UTC), "features": np.array([1.5, 0.1])})

    (segment,) = tmp_path.glob("*.open")
    assert json.loads(segment.read_text()) == {"at": "2025-01-02T00:00:00Z", "features": [1.5, 0.1]}
    log.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".jsonl"]


def test_a_full_segment_is_closed_and_never_touched_again(tmp_path):
    log = AppendLog(tmp_path, 50, 60)
    for number in range(20):
        log.append({"n": number, "text": "x" * 20})
    log.close()

    assert len(list(tmp_path.glob("*.jsonl"))) == 10
    assert sorted(row["n"] for row in closed(tmp_path)) == list(range(20))


def test_no_record_waits_for_a_segment_to_reach_the_disk(tmp_path, monkeypatch):
    disk = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: disk.wait(10))
    log = AppendLog(tmp_path, 50, 60)
    for number in range(10):
        log.append({"n": number, "text": "x" * 20})
    assert not closed(tmp_path)

    disk.set()
    log.close()
    assert sorted(row["n"] for row in closed(tmp_path)) == list(range(10))


def test_a_segment_that_the_disk_refuses_is_told_and_closed_at_the_next_start(
    tmp_path, monkeypatch, caplog
):
    def refuse(_):
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        log = AppendLog(tmp_path, 1, 60)
        log.append({"n": 1})
        log.append({"n": 2})
        with pytest.raises(OSError, match="no space"):
            log.close()
    assert "a segment stays open until the next start" in caplog.text

    close_abandoned(tmp_path)
    assert sorted(row["n"] for row in closed(tmp_path)) == [1, 2]


def test_an_old_segment_is_closed_without_another_record(tmp_path):
    log = AppendLog(tmp_path, 1_000, 0)
    log.append({"n": 1})
    log.close_if_old()

    assert closed(tmp_path) == [{"n": 1}]


def test_threads_do_not_mix_their_records(tmp_path):
    log = AppendLog(tmp_path, 5_000, 60)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: log.append({"n": n}), range(500)))
    log.close()

    assert sorted(row["n"] for row in closed(tmp_path)) == list(range(500))


def test_nothing_that_was_appended_is_lost_when_the_process_is_killed(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", APPEND_FOR_EVER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    told = [int(process.stdout.readline()) for _ in range(200)][-1]
    assert close_abandoned(tmp_path) == []
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (segment,) = tmp_path.glob("*.open")
    with segment.open("ab") as file:
        file.write(b'{"n": cut sho')

    assert len(close_abandoned(tmp_path)) == 1
    numbers = [row["n"] for row in closed(tmp_path)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > told
