"""A disk that is full: at ever later moments of a run, and then larger."""

import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.chaos.home import variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.under_load import left_in_peace, runs_of

FAULT = "disk full"
ASSETS = (
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "fraud_features", "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion",
    "online_features",
)  # fmt: skip
_ROOM = "1g"


def full_disk(
    reference: Reference, home: Path, rounds: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Run with so little room that it fails, which has to be said; then with enough, from there."""
    disk = home / "disk"
    with _disk(disk):
        variables = variables_of(
            home,
            reference.source,
            LAKE__ROOT=str(disk / "lake"),
            MLFLOW__TRACKING_URI=f"sqlite:///{disk}/mlflow.db",
            MLFLOW__ARTIFACT_ROOT=str(disk / "artifacts"),
            ONLINE__PATH=str(disk / "online.db"),
            SERVING__ENDPOINTS_DIR=str(disk / "endpoints"),
        )
        with runs_of(ASSETS, variables) as run:
            left_in_peace(run())
            for _ in range(rounds):
                if is_time_over():
                    break
                used = _used_kib(disk)
                _resize(disk, f"{used + int(chance.uniform(8, 2_000))}k")
                failures = run().result()
                for step, failure in failures.items():
                    said = "No space" in failure.told or "disk is full" in failure.told
                    wrong = "" if said and not failure.is_retryable else failure.told
                    ledger.add(FAULT, step, wrong)
                _resize(disk, _ROOM)
            left_in_peace(run())
        ledger.compare(FAULT, reference.home, disk, variables, ASSETS)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    subprocess.run(  # noqa: S603 - a file system in memory, which only root may mount
        ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(folder)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["/usr/bin/umount", "--lazy", str(folder)], check=True)  # noqa: S603


def _resize(folder: Path, size: str) -> None:
    options = f"remount,size={size}"
    subprocess.run(["/usr/bin/mount", "-o", options, str(folder)], check=True)  # noqa: S603


def _used_kib(folder: Path) -> int:
    result = subprocess.run(  # noqa: S603
        ["/usr/bin/df", "--output=used", str(folder)], check=True, capture_output=True, text=True
    )
    return int(result.stdout.split()[-1])
