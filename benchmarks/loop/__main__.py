"""Run with ``python -m benchmarks.loop``; ``--days`` restricts it to the first days of the year."""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

from benchmarks.loop.home import make_home


def main() -> None:
    """Simulate a year on a separate platform."""
    parser = argparse.ArgumentParser(prog="benchmarks.loop")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--customers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--night-days", type=int, default=3, help="days that a nightly run reads")
    parser.add_argument("--training-days", type=int, default=14, help="between trainings")
    parser.add_argument("--home", type=Path, help="folder of the platform; default: a new folder")
    chosen = parser.parse_args()
    home = (chosen.home or Path(tempfile.mkdtemp(prefix="igniteflow-loop-"))).resolve()
    make_home(home, chosen.days)
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    # The partitions are defined by the settings of the home at import.
    from benchmarks.loop.year import Pace, live  # noqa: PLC0415

    pace = Pace(chosen.night_days, chosen.training_days)
    live(home, chosen.days, chosen.customers, chosen.seed, pace)


if __name__ == "__main__":
    main()
