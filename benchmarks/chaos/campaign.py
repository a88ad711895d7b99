"""What the trials of a fault are given: where, how many, until when, and whom to tell."""

import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos import graph
from benchmarks.chaos.home import ALL_DAYS, variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.reference import Reference
from benchmarks.chaos.sameness import differences


@dataclass(frozen=True)
class Campaign:
    """The trials of one fault.

    Attributes:
        reference: the undisturbed run.
        home: a folder of the fault's own, which is not there yet.
        count: trials, or rounds of them.
        process: whose one local Spark session compares, and does the runs that need no other one.
        is_time_over: nothing new begins once it says so.
    """

    reference: Reference
    home: Path
    count: int
    ledger: Ledger
    chance: random.Random
    process: ProcessPoolExecutor
    is_time_over: Callable[[], bool] = lambda: False

    def variables(self, **more: str) -> dict[str, str]:
        """Those of a platform in the home; ``more`` by setting."""
        return variables_of(self.home, self.reference.source, **more)

    def copy_of_reference(self) -> None:
        """Put into the home what the undisturbed run has written, but for Dagster's records.

        The files of its models stay where its registry says that they are.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        for name in ("lake", "endpoints", "mlflow.db", "online.db"):
            written = self.reference.home / name
            if written.is_dir():
                shutil.copytree(written, self.home / name)
            elif written.exists():  # which assets make it is for the undisturbed run to choose
                shutil.copy(written, self.home)

    def compare(self, fault: str, **more: str) -> None:
        """Compare the home with that of the undisturbed run; ``more`` by setting."""
        found = self.process.submit(
            differences, self.reference.home, self.home, self.variables(**more)
        )
        self.ledger.compared(fault, found.result())

    def runs_of(
        self, assets: Sequence[str], variables: Mapping[str, str]
    ) -> Callable[[], Future[graph.Failures]]:
        """Starts a run of these assets at each call, in the campaign's process."""
        return graph.runs_in(self.process, assets, variables, ALL_DAYS)

    def numbers(self) -> Iterator[int]:
        """The numbers of the trials, until there are enough or the time is over."""
        for number in range(self.count):
            if self.is_time_over():
                return
            yield number
