"""Measures the time and memory of a call, including its child processes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import psutil

T = TypeVar("T")

_INTERVAL_SECONDS = 0.2


@dataclass(frozen=True)
class Measured(Generic[T]):
    """A call's result, its wall time, and its peak resident memory."""

    result: T
    seconds: float
    peak_gib: float
    """Memory of this process and its descendants; shared pages are counted repeatedly."""


def measure(call: Callable[[], T]) -> Measured[T]:
    """Call the function, and sample the memory of the process tree during the call."""
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(_INTERVAL_SECONDS):
            peak = max(peak, _resident_bytes())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = time.perf_counter()
    try:
        result = call()
        seconds = time.perf_counter() - start
    finally:
        done.set()
        watcher.join()
    return Measured(result, seconds, max(peak, _resident_bytes()) / 2**30)


def _resident_bytes() -> int:
    total = 0
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
