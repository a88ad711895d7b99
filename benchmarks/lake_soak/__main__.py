"""``python -m benchmarks.lake_soak``: many simulated days of writes, maintained and not.

Each day writes a partition twice, merges into a log, and appends the micro-batches of a stream. The
history that is kept is so many seconds as the last ``--history-days`` simulated days have taken.
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
    root: Path, maintained: bool, wanted: argparse.Namespace
) -> tuple[list[dict], dict[str, int]]:
    """Live through all days, and weigh the tables now and then."""
    figures, ends = [], []
    with local_lake(root) as lake:
        for day in range(wanted.days):
            write_day(lake, day, rows=wanted.rows, batches=wanted.batches, merges=wanted.merges)
            ends.append(time.monotonic())
            age_logs(root, 1)
            if maintained:
                kept = ends[max(0, day - wanted.history_days)]
                maintain(lake, timedelta(seconds=max(1.0, ends[-1] - kept)))
            if (day + 1) % wanted.every == 0:
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
    wanted = parser.parse_args()
    figures, counts = [], []
    for maintained in (False, True):
        with tempfile.TemporaryDirectory() as name:
            told, rows = live(Path(name), maintained, wanted)
        figures += told
        counts.append(rows)
    print(pd.DataFrame(figures).round(2).to_markdown(index=False))
    if counts[0] != counts[1]:
        raise SystemExit(f"maintenance changed the rows: {counts}")
    print(f"rows with and without: {counts[0]}")


if __name__ == "__main__":
    main()
