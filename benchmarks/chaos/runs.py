"""Runs of the graph, each a process of its own that is forked from one with everything imported."""

import multiprocessing
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import dagster as dg
import psutil

_LONGEST_RUN_SECONDS = 900.0
_POLL_SECONDS = 0.1
_NAME = "chaos/run"

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["benchmarks.chaos.graph"])


@dataclass
class Run:
    """A run that has been started; it is the leader of its own group of processes."""

    process: ForkServerProcess
    log: Path
    name: str

    @property
    def pid(self) -> int:
        return int(self.process.pid or 0)

    def records(self, instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
        """What the instance knows of it."""
        return list(instance.get_runs(dg.RunsFilter(tags={_NAME: self.name})))

    def wait_for(self, step: str, instance: dg.DagsterInstance) -> bool:
        """Wait until the step starts; False if the run ends before."""
        self._wait(lambda: self._has_begun(step, instance) or not self.process.is_alive())
        return self._has_begun(step, instance)

    def end(self) -> int:
        """Wait until it ends, and give its exit code.

        Raises:
            TimeoutError: it hangs.
        """
        self._wait(lambda: not self.process.is_alive())
        self.process.join()
        return int(self.process.exitcode or 0)

    def java(self) -> psutil.Process | None:
        """The run's Spark driver, once it has started."""
        return next((each for each in self.orphans() if each.name() == "java"), None)

    def kill(self) -> None:
        """SIGKILL to the run's process alone; what it has started has to end by itself."""
        self.process.kill()
        self.process.join()
        self._wait(lambda: not self.orphans())

    def orphans(self) -> list[psutil.Process]:
        """What lives of its group."""
        return [
            process
            for process in psutil.process_iter(["status"])
            if process.info["status"] != psutil.STATUS_ZOMBIE
            and process.pid != self.pid
            and _group(process) == self.pid
        ]

    def output(self) -> str:
        """What it has written, the end of it."""
        return self.log.read_text(errors="replace")[-4_000:]

    def _has_begun(self, step: str, instance: dg.DagsterInstance) -> bool:
        return any(
            record.event_log_entry.step_key == step
            for run in self.records(instance)
            for record in instance.get_records_for_run(
                run.run_id, of_type=dg.DagsterEventType.STEP_START
            ).records
        )

    def _wait(self, is_over: Callable[[], object]) -> None:
        deadline = time.monotonic() + _LONGEST_RUN_SECONDS
        while not is_over():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the run hangs: {self.output()}")
            time.sleep(_POLL_SECONDS)


@contextmanager
def started(
    assets: Sequence[str], variables: Mapping[str, str], tags: Mapping[str, str]
) -> Iterator[Run]:
    """Materialize these assets and run their checks, in a process of their own."""
    log, name = Path(variables["DAGSTER_HOME"], "run.log"), uuid.uuid4().hex
    process = _context.Process(
        target=_materialize, args=(list(assets), dict(variables), {**tags, _NAME: name}, log)
    )
    process.start()
    run = Run(process, log, name)
    try:
        yield run
    finally:
        for each in run.orphans():
            # It may end by itself between the look and the kill.
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.kill()
        process.join()


def finished(assets: Sequence[str], variables: Mapping[str, str], tags: Mapping[str, str]) -> Run:
    """The run after its end, which has to be a good one.

    Raises:
        RuntimeError: it failed.
    """
    with started(assets, variables, tags) as run:
        if run.end() != 0:
            raise RuntimeError(f"an undisturbed run failed: {run.output()}")
    return run


def _materialize(
    assets: list[str],
    variables: dict[str, str],
    tags: dict[str, str],
    log: Path,
) -> None:
    os.setsid()
    # The parent of a process of a fork server ignores interrupts; a run does not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ |= variables
    # Imported by the fork server, once.
    from benchmarks.chaos import graph  # noqa: PLC0415

    sys.exit(0 if graph.materialize(assets, tags).success else 1)


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


@contextmanager
def warm_process() -> Iterator[ProcessPoolExecutor]:
    """A process that is called again and again, and keeps its Spark session meanwhile."""
    with ProcessPoolExecutor(1, mp_context=_context) as process:
        yield process


def start_fork_server() -> None:
    """Start the fork server, which takes as long as the imports."""
    process = _context.Process(target=os.getpid)
    process.start()
    process.join()
