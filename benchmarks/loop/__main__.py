"""Run it: ``python -m benchmarks.loop``; with ``--days`` only the first days of the year."""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

from benchmarks.loop.home import make_home


def main() -> None:
    """Live through a simulated year on a platform of its own."""
    parser = argparse.ArgumentParser(prog="benchmarks.loop")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--customers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--night-days", type=int, default=3, help="that a night reads at once")
    parser.add_argument("--training-days", type=int, default=14, help="of the training schedule")
    parser.add_argument("--home", type=Path, help="where to keep it all; a new folder if not given")
    chosen = parser.parse_args()
    home = (chosen.home or Path(tempfile.mkdtemp(prefix="igniteflow-loop-"))).resolve()
    make_home(home, chosen.days)
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    # Its partitions are made from the settings of the home.
    from benchmarks.loop.year import Pace, live  # noqa: PLC0415

    pace = Pace(chosen.night_days, chosen.training_days)
    live(home, chosen.days, chosen.customers, chosen.seed, pace)


if __name__ == "__main__":
    main()
