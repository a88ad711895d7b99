"""What Dagster's daemon starts for a run whose process died: the steps that were not done."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from igniteflow_assets.definitions import defs


def run_rest(job: str, steps: Sequence[str], log: Path) -> None:
    """Run these steps of the job, in a process group of its own that writes to the log."""
    os.setsid()
    with log.open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), stream.fileno())
    with dg.DagsterInstance.get() as instance:
        defs.resolve_job_def(job).execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(step) for step in steps]
        )
