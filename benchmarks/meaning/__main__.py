"""Run with ``python -m benchmarks.meaning [--forms 2000]``."""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.meaning.declarations import DECLARATIONS
from benchmarks.meaning.hold import Findings, hold
from benchmarks.session import local_spark
from igniteflow_core.config.platform import SparkSettings


def main() -> None:
    """Print the number of forms by kind, and each form that was read incorrectly."""
    parser = argparse.ArgumentParser(prog="benchmarks.meaning")
    parser.add_argument("--forms", type=int, default=2_000, help="minimum number of forms")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=30, help="forms that are read at once")
    chosen = parser.parse_args()
    total = Findings()
    begun = time.monotonic()
    spark = local_spark(SparkSettings())
    with tempfile.TemporaryDirectory() as folder:
        seed = chosen.seed
        while total.forms.total() < chosen.forms:
            findings = hold(spark, Path(folder), seed=seed, days=chosen.days)
            total.forms += findings.forms
            total.faults += findings.faults
            held = f"{total.forms.total():,} forms, {len(total.faults)} of them did not hold"
            print(held, flush=True)
            seed += 1
    for fault in total.faults:
        print(fault)
    for asked, count in total.forms.most_common():
        print(f"{asked:32}{count:8,}")
    print(f"{len(DECLARATIONS)} declarations, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
