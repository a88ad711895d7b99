"""``python -m benchmarks.serving``: the API beside others, under too much load, and for long."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.serving import at_once, overload, predict, recommend, soak
from benchmarks.serving.world import build

PARTS = ("predict", "recommend", "at_once", "overload", "soak")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[500])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--replicas", type=int, default=2, help="processes of each server")
    parser.add_argument("--seconds", type=int, default=20, help="of a phase")
    parser.add_argument("--minutes", type=int, default=30, help="of the soak")
    parser.add_argument("--soak-rate", type=int, default=100, help="requests/s of the soak")
    parser.add_argument("--only", choices=PARTS)
    wanted = parser.parse_args()
    if wanted.minutes < soak.FEWEST_MINUTES:
        parser.error(f"a soak takes at least {soak.FEWEST_MINUTES} minutes")
    parts = (wanted.only,) if wanted.only else PARTS[:2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "recommend" in parts:
            recommend.compare(folder / "recommend")
        if parts == ("recommend",):
            return
        if parts == ("at_once",):
            at_once.measure(folder / "at_once", wanted.seconds)
            return
        world = build(folder / "source", wanted.customers)
        if "predict" in parts:
            predict.compare(folder, world, wanted.rates, wanted.requests, wanted.replicas)
        if "overload" in parts:
            overload.measure(folder, world, wanted.rates[0], wanted.seconds, wanted.replicas)
        if "soak" in parts and not soak.run(folder, world, wanted.minutes, wanted.soak_rate):
            sys.exit(1)


if __name__ == "__main__":
    main()
