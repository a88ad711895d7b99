"""Runs random sequences of events, and prints violated guarantees."""

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]
ORDERS_OF_A_SHOP = 4
"""Orders of delivery that are compared with one run over the same source."""


class Lived(Protocol):
    """The result of a sequence: the number of each action, and the violated guarantees."""

    did: Counter[str]
    wrong: list[str]


def main() -> None:
    """Run the selected parts; the exit code is 1 if a guarantee was violated."""
    parser = argparse.ArgumentParser(prog="benchmarks.order")
    parser.add_argument("--sequences", type=int, default=100, help="of each part")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=0, help="of the first sequence")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("py4j").setLevel(logging.ERROR)
    home = Path(tempfile.mkdtemp(prefix="igniteflow-order-"))
    # The partitions of the graph are defined by the settings when its modules are imported.
    os.environ |= {
        "IGNITEFLOW_ENV": "local",
        "IGNITEFLOW_CONFIG_PATH": str(ROOT / "tests" / "settings" / "tiny.json"),
    }
    failed = False
    for part in chosen.only:
        began = time.monotonic()
        did: Counter[str] = Counter()
        for number, lived in enumerate(PARTS[part](home, chosen.seed, chosen.sequences)):
            did.update(lived.did)
            for wrong in lived.wrong:
                failed = True
                print(f"{part} {chosen.seed + number}: {wrong}", flush=True)
        figures = ", ".join(f"{count:,} {name}" for name, count in did.most_common())
        seconds = time.monotonic() - began
        print(f"{part}: {chosen.sequences} sequences in {seconds:.0f} s: {figures}", flush=True)
    sys.exit(failed)


def _sensors(_: Path, seed: int, sequences: int) -> Iterator[Lived]:
    from benchmarks.order.sensor_sequences import sensor_sequence  # noqa: PLC0415 - as in main

    for number in range(sequences):
        yield sensor_sequence(seed + number)


def _schedule(_: Path, seed: int, sequences: int) -> Iterator[Lived]:
    from benchmarks.order.schedule_ticks import schedule_ticks  # noqa: PLC0415 - as in main

    for number in range(sequences):
        yield schedule_ticks(seed + number)


def _deliveries(home: Path, seed: int, sequences: int) -> Iterator[Lived]:
    from benchmarks.order import deliveries  # noqa: PLC0415 - as in main
    from benchmarks.session import local_spark  # noqa: PLC0415 - as in main
    from igniteflow_core.config.load import load_settings  # noqa: PLC0415 - as in main
    from tests.workspace import workspace_variables  # noqa: PLC0415 - as in main

    local_spark(load_settings().spark)
    for number in range(sequences):
        if number % ORDERS_OF_A_SHOP == 0:
            place = home / f"shop-{number}"
            os.environ |= workspace_variables(place, place / "source")
            shop = deliveries.Shop(place / "source", seed + number)
            in_order = deliveries.one_run_in_order(shop, place / "lake")
        yield deliveries.delivered_in_any_order(shop, seed + number, place / "lake", in_order)


PARTS: dict[str, Callable[[Path, int, int], Iterator[Lived]]] = {
    "sensors": _sensors,
    "schedule": _schedule,
    "deliveries": _deliveries,
}


if __name__ == "__main__":
    main()
