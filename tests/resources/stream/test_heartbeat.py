import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from igniteflow_resources.stream.heartbeat import Heartbeat


@dataclass
class Query:
    """What Spark tells of a query."""

    lastProgress: dict[str, Any] | None  # noqa: N815 - Spark's name
    status: dict[str, bool]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "heartbeat"


def beats(file: Path, heartbeat: Heartbeat, query: Query) -> bool:
    if file.exists():
        os.utime(file, (0, 0))
    heartbeat.look(query)  # type: ignore[arg-type]
    return file.exists() and file.stat().st_mtime > 0


def test_a_stream_that_waits_for_input_beats(file: Path) -> None:
    waiting = Query(None, {"isTriggerActive": False})
    heartbeat = Heartbeat(str(file))
    assert beats(file, heartbeat, waiting)
    assert beats(file, heartbeat, waiting)


def test_a_stream_that_is_never_idle_beats_once_a_micro_batch(file: Path) -> None:
    heartbeat = Heartbeat(str(file))
    busy = Query({"batchId": 4}, {"isTriggerActive": True})
    assert beats(file, heartbeat, busy)
    assert not beats(file, heartbeat, busy)
    busy.lastProgress = {"batchId": 5}
    assert beats(file, heartbeat, busy)


def test_a_stream_that_hangs_in_its_first_micro_batch_does_not_beat(file: Path) -> None:
    assert not beats(file, Heartbeat(str(file)), Query(None, {"isTriggerActive": True}))
