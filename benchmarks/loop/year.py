"""Runs the simulated year."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import mlflow
import pandas as pd
from mlflow import MlflowClient

from benchmarks.loop.diary import Diary, counts, look_of
from benchmarks.loop.home import daemon
from benchmarks.loop.plan import DAY, PAST_STARTS, YEAR_STARTS, simulation, year_of
from benchmarks.loop.platform import Platform, warm_session
from benchmarks.loop.precision import by_month
from benchmarks.loop.source import Source
from igniteflow_core.config.load import load_settings
from igniteflow_core.fraud.training import labelled_features
from igniteflow_resources.mlflow.registry import CHAMPION, FRAUD_MODEL, require_model
from igniteflow_resources.platform import platform_resources


@dataclass(frozen=True)
class Pace:
    """Days that a nightly run reads, and days between two scheduled trainings."""

    night: int
    training: int


def live(home: Path, days: int, customers: int, seed: int, pace: Pace) -> None:
    """Simulate the days, and print the decisions of the loop and the average precision."""
    started = time.monotonic()
    source = Source.of(home / "source", simulation(days, customers, seed))
    diary = Diary()
    with warm_session(), daemon(home), dg.DagsterInstance.get() as instance:
        platform = Platform(instance)
        for number in range((YEAR_STARTS - PAST_STARTS).days):
            source.deliver(PAST_STARTS + number * DAY)
        if not platform.past().succeeded:
            raise RuntimeError(f"the first champion could not be trained; see the runs in {home}")
        year = year_of(days)
        try:
            for first in range(0, days, pace.night):
                _live_through(year[first : first + pace.night], source, platform, diary, pace)
                print(f"day {first + pace.night}: {time.monotonic() - started:.0f} s", flush=True)
        finally:
            # An interrupted simulation still has results.
            _print(diary)
    print(f"\n{days} days in {time.monotonic() - started:.0f} s; everything lies in {home}")


def _live_through(
    days: list[date], source: Source, platform: Platform, diary: Diary, pace: Pace
) -> None:
    """Read the days, let the daemon run what the sensors request, and record the results."""
    champion = require_model(_registry(), FRAUD_MODEL, CHAMPION).version
    for day in days:
        diary.champions[day] = champion
        source.deliver(day)
    today = days[-1]
    night = platform.night(days[0], today)
    look = look_of(today, night)
    diary.looks.append(look)
    if not night.succeeded:
        print(f"{today}: the run {night.run_id} failed", flush=True)
    # Without drift or a drop, no sensor requests a run.
    runs = platform.requested() if look.is_noticed else []
    lived = [(day - YEAR_STARTS).days for day in (days[0], today + DAY)]
    if not runs and lived[0] // pace.training < lived[1] // pace.training:
        runs = [platform.scheduled_training()]
    for run in runs:
        diary.decided(today, run, look)
        print(f"{today}: {diary.decisions[-1]}", flush=True)


def _print(diary: Diary) -> None:
    settings = load_settings()
    mlflow.set_tracking_uri(settings.mlflow.tracking_uri)
    with dg.build_resources({"lake": platform_resources(settings)["lake"]}) as built:
        rows = labelled_features(
            built.lake.read("fraud_features"), built.lake.read("transactions"), YEAR_STARTS
        ).toPandas()
    for title, table in {
        "What was noticed": diary.noticed(),
        "What was decided": pd.DataFrame(diary.decisions),
        "How often": counts(diary.decisions),
        "Average precision": by_month(rows, diary.champions).round(4),
    }.items():
        print(f"\n## {title}\n\n{table.to_markdown(index=False)}")


def _registry() -> MlflowClient:
    uri = load_settings().mlflow.tracking_uri
    return MlflowClient(uri, uri)
