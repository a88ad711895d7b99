"""The hybrid compared with members and baselines on public data, with default settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from benchmarks.recommendations.public_data import PublicData, item_stratified, public_data
from benchmarks.recommendations.world import World, simulate, table_of, world_of
from igniteflow_core.config.load import load_settings
from igniteflow_core.schemas.interactions import ITEMS, RATINGS, USERS
from igniteflow_core.simulation.settings import SimulationSettings

SPARSE = SimulationSettings(seed=11, users=6_000, items=3_000, ratings=90_000)


def worlds(spark: SparkSession, packages: Path, chosen: list[str] | None) -> Iterator[World]:
    """One world after the other, by its name: the public ones, and the two simulated ones."""
    makers: dict[str, Callable[[], World]] = {
        name: lambda read=read: public_world(spark, read())
        for name, read in public_data(packages).items()
    }
    makers["simulated"] = lambda: simulate(spark, SimulationSettings())
    makers["simulated-sparse"] = lambda: simulate(spark, SPARSE)
    for name in chosen or makers:
        yield makers[name]()
        spark.catalog.clearCache()


def public_world(spark: SparkSession, data: PublicData) -> World:
    """Return tables of the platform, split as the data set defines."""
    settings = load_settings().recommendations
    if data.by_item:
        settings = settings.model_copy(update={"positive_rating": float(data.ratings.rating.min())})
    tables = [
        table_of(spark, contract, frame)
        for contract, frame in ((RATINGS, data.ratings), (USERS, data.users), (ITEMS, data.items))
    ]
    world = world_of(data.name, *tables, settings)
    if not data.by_item:
        return world
    keys = data.ratings[["user_id", "item_id"]].astype({"item_id": int})
    held_out: DataFrame = spark.createDataFrame(
        data.ratings.loc[item_stratified(keys), ["user_id", "item_id"]]
    ).persist()
    likes = world.interactions
    return world.trained_on(
        likes.join(held_out, ["user_id", "item_id"], "anti"),
        likes.join(held_out, ["user_id", "item_id"], "left_semi"),
    )
