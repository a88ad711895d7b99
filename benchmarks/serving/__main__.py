"""``python -m benchmarks.serving``: comparison of the API with peers, overload, and soak test."""

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
    parser.add_argument("--seconds", type=int, default=20, help="duration of a phase")
    parser.add_argument("--minutes", type=int, default=30, help="duration of the soak test")
    parser.add_argument("--soak-rate", type=int, default=100, help="requests/s of the soak test")
    parser.add_argument("--only", choices=PARTS)
    arguments = parser.parse_args()
    if arguments.minutes < soak.FEWEST_MINUTES:
        parser.error(f"a soak test takes at least {soak.FEWEST_MINUTES} minutes")
    parts = (arguments.only,) if arguments.only else PARTS[:2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "recommend" in parts:
            recommend.compare(folder / "recommend")
        if parts == ("recommend",):
            return
        if parts == ("at_once",):
            at_once.measure(folder / "at_once", arguments.seconds)
            return
        world = build(folder / "source", arguments.customers)
        rates, replicas = arguments.rates, arguments.replicas
        if "predict" in parts:
            predict.compare(folder, world, rates, arguments.requests, replicas)
        if "overload" in parts:
            overload.measure(folder, world, rates[0], arguments.seconds, replicas)
        if "soak" in parts and not soak.run(folder, world, arguments.minutes, arguments.soak_rate):
            sys.exit(1)


if __name__ == "__main__":
    main()
