"""``python -m benchmarks.lake_soak``: many simulated days of writes, with and without maintenance.

Each day writes a partition twice, merges into a log, and appends the micro-batches of a stream. The
retained history is the time that the last ``--history-days`` simulated days have taken.
"""

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pandas as pd

from benchmarks.lake_soak.lake import (
    TABLES,
    age_logs,
    local_lake,
    maintain,
    row_counts,
    weigh,
    write_day,
)


def live(
    root: Path, maintained: bool, arguments: argparse.Namespace
) -> tuple[list[dict], dict[str, int]]:
    """Simulate all days, and measure the tables at regular intervals."""
    figures, ends = [], []
    with local_lake(root) as lake:
        for day in range(arguments.days):
            write_day(
                lake,
                day,
                rows=arguments.rows,
                batches=arguments.batches,
                merges=arguments.merges,
            )
            ends.append(time.monotonic())
            age_logs(root, 1)
            if maintained:
                kept = ends[max(0, day - arguments.history_days)]
                maintain(lake, timedelta(seconds=max(1.0, ends[-1] - kept)))
            if (day + 1) % arguments.every == 0:
                figures += [
                    {
                        "maintenance": "on" if maintained else "off",
                        "day": day + 1,
                        "table": table,
                        **vars(weigh(lake, table)),
                    }
                    for table in TABLES
                ]
                print(pd.DataFrame(figures[-len(TABLES) :]).round(2).to_string(), flush=True)
        return figures, row_counts(lake)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--history-days", type=int, default=7)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--merges", type=int, default=5)
    arguments = parser.parse_args()
    figures, counts = [], []
    for maintained in (False, True):
        with tempfile.TemporaryDirectory() as name:
            measured, rows = live(Path(name), maintained, arguments)
        figures += measured
        counts.append(rows)
    print(pd.DataFrame(figures).round(2).to_markdown(index=False))
    if counts[0] != counts[1]:
        raise SystemExit(f"maintenance changed the rows: {counts}")
    print(f"rows with and without: {counts[0]}")


if __name__ == "__main__":
    main()
