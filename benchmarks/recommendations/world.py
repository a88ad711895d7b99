"""The data of the benchmark: the platform's simulated sample, or a file of ratings."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.recommendations.ratings_file import ratings_source
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.ingestion.interactions import judge_ratings
from igniteflow_core.ingestion.tables import read_whole
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.recommendations.split import Split, stratified_split
from igniteflow_core.schemas.contract import TableContract
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


def simulate(spark: SparkSession, simulation: SimulationSettings) -> World:
    catalogue, audience = draw_catalogue(simulation), draw_audience(simulation)
    ratings = draw_ratings(simulation, catalogue, audience)
    items = catalogue.frame[["item_id", "title", "categories", "in_stock"]]
    tables = [
        table_of(spark, contract, frame)
        for contract, frame in ((RATINGS, ratings), (USERS, audience.frame), (ITEMS, items))
    ]
    name = f"simulated, {simulation.users:,} users and {simulation.items:,} items"
    return world_of(name, *tables, load_settings().recommendations)


def table_of(spark: SparkSession, contract: TableContract, frame: pd.DataFrame) -> DataFrame:
    """The frame as a table of the platform; what is missing is null."""
    columns = frame[contract.column_names]
    return spark.createDataFrame(columns.astype(object).where(columns.notna(), None), contract.ddl)


def load_ratings(spark: SparkSession, file: Path) -> World:
    """Read as the platform reads a source; the file says nothing of what users and items are."""
    raw = read_whole(spark, ratings_source(file), "", RATINGS)
    clock = load_settings().sources.clock(datetime.now(UTC))
    judged = judge_ratings(raw, clock)
    judged.rows.persist()
    ratings = judged.accepted
    print(f"\n{file.name}: {judged.quarantined.count():,} rows are no ratings")
    users = ratings.select("user_id", F.lit(None).cast("string").alias("segment")).distinct()
    items = (
        ratings.select("item_id")
        .distinct()
        .select(
            "item_id",
            F.lit(None).cast("string").alias("title"),
            F.array().cast("array<string>").alias("categories"),
            F.lit(True).alias("in_stock"),
        )
    )
    return world_of(file.name, ratings, users, items, load_settings().recommendations)


def world_of(
    name: str,
    ratings: DataFrame,
    users: DataFrame,
    items: DataFrame,
    settings: RecommendationSettings,
) -> World:
    tables = [each.persist() for each in (ratings, users, items)]
    events = ratings.sparkSession.createDataFrame([], EVENTS.ddl)
    interactions = to_interactions(tables[0], events, settings).persist()
    split = stratified_split(interactions, settings.holdout_share, settings.seed)
    counts = [each.count() for each in (tables[0], interactions, *tables[1:])]
    print("\n{}: {:,} ratings, {:,} likes, {:,} users, {:,} items".format(name, *counts))
    return World(name, *tables, interactions, split, settings).trained_on(*split[:2])


def chosen_share(names: np.ndarray, share: float, seed: int) -> list[str]:
    """A random share of the names."""
    rng = np.random.default_rng(seed)
    return sorted(rng.permutation(names)[: round(share * len(names))].tolist())
