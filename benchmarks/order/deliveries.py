"""Compares deliveries in any order, partial, repeated and corrected, with one run in order."""

import random
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession

from igniteflow_assets.definitions import defs
from igniteflow_core.config.load import load_settings
from igniteflow_resources.platform import platform_resources
from tests.assets.same_rows import assert_same_rows
from tests.support import GRAPH, range_tags

FIRST_DAY = date(2025, 1, 1)
DAYS = tuple((FIRST_DAY + timedelta(days=number)).isoformat() for number in range(4))
ROWS_A_DAY = 12
DELIVERED = ("raw_transactions", "transactions", "quarantined_transactions")
ENTITIES = ("customers", "quarantined_customers", "terminals", "quarantined_terminals")
FEATURES = "fraud_features"
_ACCOUNTED = dg.AssetCheckKey(dg.AssetKey("transactions"), "every_row_accounted_for")
_ORIGINALS = dg.AssetCheckKey(dg.AssetKey("transactions"), "every_duplicate_has_its_original")
_CUSTOMERS = [f"C{number}" for number in range(4)]
_TERMINALS = [f"S{number}" for number in range(3)]


class Shop:
    """The files of a source, whose days contain bad rows and duplicate ids.

    Attributes:
        source: the folder of the files.
    """

    def __init__(self, source: Path, seed: int) -> None:
        self.source = source
        self._chance = random.Random(f"deliveries {seed}")  # noqa: S311 - no secret
        self._whole = {day: self._day(number, day) for number, day in enumerate(DAYS)}
        source.joinpath("transactions").mkdir(parents=True)
        for entity, ids in (("customer", _CUSTOMERS), ("terminal", _TERMINALS)):
            places = pd.DataFrame({f"{entity}_id": ids, "x": 1.0, "y": range(len(ids))})
            places.astype({"y": float}).to_parquet(source / f"{entity}s.parquet")

    def deliver(self, day: str, *, whole: bool) -> None:
        """Write the day's file with all rows or with some of them, possibly with duplicates."""
        rows = self._whole[day]
        if not whole:
            rows = rows.sample(
                self._chance.randrange(1, len(rows)), random_state=self._chance.randrange(2**32)
            )
        rows.to_parquet(self.source / "transactions" / f"{day}.parquet")

    def _day(self, number: int, day: str) -> pd.DataFrame:
        rows = [
            {
                "transaction_id": f"T{number * ROWS_A_DAY + row}",
                "event_time": f"{day} {row + 6:02}:{self._chance.randrange(60):02}:00",
                "customer_id": self._chance.choice(_CUSTOMERS),
                "terminal_id": self._chance.choice(_TERMINALS),
                "amount": f"{self._chance.uniform(1, 90):.2f}",
                "is_fraud": "1" if self._chance.random() < 0.2 else "0",
            }
            for row in range(ROWS_A_DAY)
        ]
        # Ids that occur on this and other days, and invalid rows.
        rows[1]["transaction_id"] = "T0"
        rows[2]["transaction_id"] = self._chance.choice(["T5", "T20"])
        rows[3]["transaction_id"] = rows[4]["transaction_id"]
        rows[5]["amount"] = self._chance.choice(["", "ten", "-3"])
        rows[6]["event_time"] = f"{FIRST_DAY + timedelta(days=number + 1)} 01:00:00"
        return pd.DataFrame(rows)


class Platform:
    """A separate lake and Dagster instance, with the settings of the environment.

    Attributes:
        did: number of each action.
        wrong: violated guarantees.
    """

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._settings = load_settings()
        self._cursor: dg.AssetDaemonCursor | None = None
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []

    def take(self, days: Sequence[str]) -> None:
        """Read and validate these days in one run, and check that no row is lost or doubled."""
        result = self._run(DELIVERED, days, _ACCOUNTED, _ORIGINALS)
        self.did["runs over deliveries"] += 1
        checks = {each.check_name: each for each in result.get_asset_check_evaluations()}
        if not checks[_ACCOUNTED.name].passed:
            self.wrong.append(f"rows of {days} are lost or doubled")
        originals = checks[_ORIGINALS.name]
        if not originals.passed:
            first, last = (str(originals.metadata[key].value) for key in ("first_day", "last_day"))
            self.did["days judged together, as the check said"] += 1
            together = [day for day in DAYS if first <= day <= last]
            if together == list(days):
                self.wrong.append(f"{days} together leave duplicates without an original")
                return
            self.take(together)

    def entities(self) -> None:
        """Read the cards and terminals, which do not change."""
        self._run(ENTITIES, DAYS)

    def features(self, days: Sequence[str]) -> None:
        """Compute the features of these consecutive days."""
        self._run((FEATURES,), days)

    def requested_features(self) -> list[str]:
        """Return the days that the automation condition requests."""
        result = dg.evaluate_automation_conditions(
            defs,
            self._instance,
            cursor=self._cursor,
            asset_selection=dg.AssetSelection.assets(FEATURES),
        )
        self._cursor = result.cursor
        return sorted(result.get_requested_partitions(dg.AssetKey(FEATURES)))

    def table(self, name: str) -> pa.Table:
        """Return the rows of a table of the lake."""
        path = f"{self._settings.lake.root}/{name}"
        return SparkSession.active().read.format("delta").load(path).toArrow()

    def _run(
        self, assets: Sequence[str], days: Sequence[str], *checks: dg.AssetCheckKey
    ) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            GRAPH,
            selection=dg.AssetSelection.assets(*assets).without_checks()
            | dg.AssetSelection.checks(*checks),
            instance=self._instance,
            resources=platform_resources(self._settings),
            tags=range_tags(days[0], days[-1]),
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        )


def delivered_in_any_order(
    shop: Shop, seed: int, lake: Path, in_order: dict[str, pa.Table]
) -> Platform:
    """Deliver and compute in random order until all days are complete, and compare the tables.

    Args:
        shop: source that the run in order has read completely.
        seed: seed of the order.
        lake: folder of ``IGNITEFLOW_LAKE__ROOT``; it is emptied.
        in_order: result of ``one_run_in_order``.
    """
    chance = random.Random(f"order {seed}")  # noqa: S311 - no secret
    shutil.rmtree(lake, ignore_errors=True)
    with dg.DagsterInstance.ephemeral() as instance:
        platform = Platform(instance)
        platform.entities()
        deliveries = [(day, True) for day in DAYS] + [
            (chance.choice(DAYS), chance.random() < 0.4) for _ in range(chance.randrange(1, 4))
        ]
        chance.shuffle(deliveries)
        last = {day: number for number, (day, _) in enumerate(deliveries)}
        computed_after = chance.randrange(len(deliveries))
        computed: list[str] = []
        for number, (day, whole) in enumerate(deliveries):
            shop.deliver(day, whole=whole or last[day] == number)
            platform.take([day])
            if number == computed_after:
                computed = sorted({day for day, _ in deliveries[: number + 1]})
                for each in computed:
                    platform.features([each])
                platform.requested_features()
        requested = platform.requested_features()
        if platform.requested_features():
            platform.wrong.append("the features of a day are requested twice")
        if not set(requested) <= set(computed):
            platform.wrong.append(f"features that were not computed are requested: {requested}")
        for each in sorted({*requested, *(set(DAYS) - set(computed))}):
            platform.did["days of features computed again" if each in requested else "first"] += 1
            platform.features([each])
        for name, expected in in_order.items():
            try:
                assert_same_rows(expected, platform.table(name), name)
            except AssertionError as difference:
                platform.wrong.append(str(difference).strip().splitlines()[0])
    return platform


def one_run_in_order(shop: Shop, lake: Path) -> dict[str, pa.Table]:
    """Return the tables after one run over all complete days."""
    shutil.rmtree(lake, ignore_errors=True)
    for day in DAYS:
        shop.deliver(day, whole=True)
    with dg.DagsterInstance.ephemeral() as instance:
        platform = Platform(instance)
        platform.entities()
        platform.take(DAYS)
        platform.features(DAYS)
        return {name: platform.table(name) for name in (*DELIVERED, FEATURES)}
