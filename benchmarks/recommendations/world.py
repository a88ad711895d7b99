"""What is measured on: the platform's simulated sample, or a file of ratings."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.recommendations.split import Split, stratified_split
from igniteflow_core.schemas.interactions import EVENTS, ITEMS, RATINGS, USERS
from igniteflow_core.simulation.catalogue import draw_catalogue
from igniteflow_core.simulation.ratings import draw_audience, draw_ratings
from igniteflow_core.simulation.settings import SimulationSettings


@dataclass(frozen=True)
class World:
    """Tables as the platform has them, and the likes split 75 to 25 a user."""

    name: str
    ratings: DataFrame
    users: DataFrame
    items: DataFrame
    interactions: DataFrame
    split: Split
    settings: RecommendationSettings

    def trained_on(self, train: DataFrame, holdout: DataFrame) -> "World":
        return replace(self, split=Split(train.persist(), holdout.persist()))


def simulate(spark: SparkSession) -> World:
    simulation = SimulationSettings()
    catalogue, audience = draw_catalogue(simulation), draw_audience(simulation)
    ratings = draw_ratings(simulation, catalogue, audience)
    return _world(
        spark,
        "simulated sample",
        ratings,
        audience.frame,
        catalogue.frame[["item_id", "title", "categories", "in_stock"]],
    )


def load_ratings(spark: SparkSession, file: Path) -> World:
    with file.open(encoding="latin-1") as lines:
        first = lines.readline()
    separator = next(each for each in ("::", "\t", ",") if each in first)
    names = ["user_id", "item_id", "rating", "seconds"]
    table = pd.read_csv(
        file, sep=separator, engine="python", names=names, header=None, encoding="latin-1",
        dtype={"user_id": str, "item_id": str},
    )  # fmt: skip
    table["rating"] = pd.to_numeric(table["rating"], errors="coerce")
    table = table.dropna(subset=["rating"])  # a header line
    table["event_time"] = pd.to_datetime(table["seconds"].astype(float), unit="s", utc=True)
    users = pd.DataFrame({"user_id": table["user_id"].unique(), "segment": None})
    items = pd.DataFrame({"item_id": table["item_id"].unique(), "title": None})
    items["categories"] = [[] for _ in range(len(items))]
    items["in_stock"] = True
    ratings = table[["user_id", "item_id", "rating", "event_time"]]
    return _world(spark, file.name, ratings, users, items)


def _world(
    spark: SparkSession, name: str, ratings: pd.DataFrame, users: pd.DataFrame, items: pd.DataFrame
) -> World:
    settings = load_settings().recommendations
    tables = [
        spark.createDataFrame(
            frame[contract.column_names].astype(object).where(frame.notna(), None), contract.ddl
        ).persist()
        for contract, frame in ((RATINGS, ratings), (USERS, users), (ITEMS, items))
    ]
    events = spark.createDataFrame([], EVENTS.ddl)
    interactions = to_interactions(tables[0], events, settings).persist()
    split = stratified_split(interactions, settings.holdout_share, settings.seed)
    likes = interactions.count()
    print(f"\n{name}: {len(ratings):,} ratings, {likes:,} likes, {len(users):,} users, "
          f"{len(items):,} items")  # fmt: skip
    return World(name, *tables, interactions, split, settings).trained_on(*split[:2])


def chosen_share(names: np.ndarray, share: float, seed: int) -> list[str]:
    """A random share of the names."""
    rng = np.random.default_rng(seed)
    return sorted(rng.permutation(names)[: round(share * len(names))].tolist())
