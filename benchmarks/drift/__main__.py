"""Run with ``python -m benchmarks.drift``; see ``--help`` for its parts and for your own data."""

import argparse
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd

from benchmarks.drift.detectors import DETECTORS, OURS
from benchmarks.drift.planted import PSI
from benchmarks.drift.scenario_delays import WATCHED_DAYS, Noticed, notice
from benchmarks.drift.stationary import (
    Window,
    parts_by_customer,
    simulated_windows,
    windows_of_part,
)
from benchmarks.fraud_quality.data import labelled_features
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.simulation.scenarios import ScenarioName

PARTS = ("stationary", "scenarios")
FIRST_SEED = 100
WEEKS = 8
SOURCE_PARTS = 11
SOURCE_REFERENCE_DAYS = 21


def main() -> None:
    """Print false alarms, detected planted shifts, and delays by scenario, for all detectors."""
    parser = argparse.ArgumentParser(prog="benchmarks.drift")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--sources", action="store_true", help="windows of the settings' sources")
    parser.add_argument("--worlds", type=int, default=10, help="simulated worlds of 56 windows")
    parser.add_argument("--repeats", type=int, default=3, help="worlds of each scenario")
    parser.add_argument("--max-rows", type=int, default=8_000, help="of a reference")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    # Peers emit a warning for each column with few distinct values.
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    settings = DriftSettings(max_rows=chosen.max_rows)
    with ProcessPoolExecutor(chosen.workers) as pool:
        if "stationary" in chosen.parts:
            _print_stationary(
                _windows_of_sources(pool, settings)
                if chosen.sources
                else _simulated_windows(pool, chosen.worlds, settings)
            )
        if "scenarios" in chosen.parts:
            seeds = range(FIRST_SEED, FIRST_SEED + chosen.repeats)
            for name in get_args(ScenarioName):
                work = partial(notice, name, settings=settings)
                _print_scenario(name, list(pool.map(work, seeds)))


def _simulated_windows(pool: Executor, worlds: int, settings: DriftSettings) -> list[Window]:
    work = partial(simulated_windows, weeks=WEEKS, settings=settings)
    return _collected(pool.map(work, range(FIRST_SEED, FIRST_SEED + worlds)))


def _windows_of_sources(pool: Executor, settings: DriftSettings) -> list[Window]:
    parts = parts_by_customer(labelled_features(load_settings()), SOURCE_PARTS)
    work = partial(windows_of_part, reference_days=SOURCE_REFERENCE_DAYS, settings=settings)
    return _collected(pool.map(work, parts))


def _collected(groups: Iterable[list[Window]]) -> list[Window]:
    """Collect all windows, and print a line for each completed group."""
    windows = []
    for group in groups:
        alarms = sum(OURS in window.quiet for window in group)
        detected = sum(OURS in window.found_by for window in group)
        print(f"{len(group)} windows: {alarms} false alarms, {detected} shifts found", flush=True)
        windows += group
    return windows


def _print_stationary(windows: Sequence[Window]) -> None:
    print(f"\n## {len(windows)} windows without drift, each once more with a shift of PSI {PSI}\n")
    table = pd.DataFrame(
        {
            "detector": name,
            "false alarms": sum(name in window.quiet for window in windows),
            "% of windows": 100 * np.mean([name in window.quiet for window in windows]),
            "shifts found, %": 100 * np.mean([name in window.found_by for window in windows]),
        }
        for name in DETECTORS
    )
    print(table.to_markdown(index=False, floatfmt=".2f"))
    named = Counter(feature for window in windows for feature in window.quiet.get(OURS, ()))
    missed = Counter(window.planted for window in windows if OURS not in window.found_by)
    print(f"\nfalsely named: {dict(named)}\nmissed: {dict(missed)}", flush=True)


def _print_scenario(name: str, noticed: Sequence[Noticed]) -> None:
    print(f"\n## {name}: {len(noticed)} worlds, {WATCHED_DAYS} days\n")
    delays = {
        detector: [n.delays[detector] for n in noticed if detector in n.delays]
        for detector in DETECTORS
    }
    table = pd.DataFrame(
        {
            "detector": detector,
            "found, %": 100 * len(days) / len(noticed),
            "first on day": ", ".join(map(str, days)) or "never",
        }
        for detector, days in delays.items()
    )
    print(table.to_markdown(index=False, floatfmt=".0f"))
    named = Counter(feature for n in noticed for feature in n.named)
    print(f"\nnamed first: {dict(named.most_common(6))}", flush=True)


if __name__ == "__main__":
    main()
