"""A disk that is full somewhere within a run, and has room again for the next one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.chaos import graph
from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.under_load import end_of, left_in_peace

_FAULT = "fill the disk"
_ASSETS = [
    "customers",
    "quarantined_customers",
    "terminals",
    "quarantined_terminals",
    "users",
    "quarantined_users",
]
_MEBIBYTES = 400


def full_disk(campaign: Campaign) -> None:
    """Leave less room than a run needs.

    It has to end by an error that says so and asks for no other try, as room is made by people.
    """
    with _small_disk(campaign.home):
        campaign.copy_of_reference()
        home, filler = campaign.home, campaign.home / "filler"
        start = campaign.runs_of(_ASSETS, campaign.variables())
        before = _free(home)
        left_in_peace(start())
        needed = before - _free(home)
        for _ in campaign.numbers():
            _fill(filler, _free(home) - int(campaign.chance.uniform(0, 0.9) * needed))
            failures = end_of(start())
            filler.unlink()
            wrong = [
                f"{step} is to be retried: {failure.message}"
                for step, failure in failures.items()
                if failure.is_retryable and step != graph.THE_RUN
            ]
            campaign.ledger.add(_FAULT, ", ".join(failures) or "it had room", "; ".join(wrong))
        left_in_peace(start())
        campaign.compare(_FAULT)


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own in memory, which only root can make."""
    folder.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={_MEBIBYTES}m", "tmpfs", folder]
    subprocess.run(["mount", *options], check=True)  # noqa: S603, S607
    try:
        yield
    finally:
        # Lazily, for what the run had open may close a moment later.
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607


def _free(folder: Path) -> int:
    return os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize


def _fill(file: Path, size: int) -> None:
    with file.open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, max(1, size))
