"""All features of card transactions in files, computed in memory."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.features.compute import compute_fraud_features
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.schemas.own_columns import OwnColumn, OwnColumns

_POSITION = ("x", "y")

_SPARKOV: Final = {
    "trans_num": "transaction_id",
    "trans_date_trans_time": "event_time",
    "cc_num": "customer_id",
    "merchant": "terminal_id",
    "amt": "amount",
    "is_fraud": "is_fraud",
}
"""Columns of the public exports of the Sparkov generator that the features use."""

SPARKOV_OWN: Final[OwnColumns] = {
    "category": OwnColumn(type="categorical"),
    "gender": OwnColumn(type="categorical"),
    "job": OwnColumn(type="categorical"),
    "state": OwnColumn(type="categorical"),
    "city_pop": OwnColumn(type="numeric"),
}
"""Columns of those exports that a team would declare as its own, without row numbers, names and
copies of the time."""


SPARKOV_ENTITIES: Final = (
    EntitySettings(name="category", columns=("category",), distinct="customer_id"),
    EntitySettings(name="card_category", columns=("customer_id", "category")),
)
"""What those payments have in common besides card and merchant."""


def labelled_features(settings: Settings) -> pd.DataFrame:
    """Return one row of FRAUD_TRAINING_SET per transaction, for all days of the sources."""
    sources = settings.sources
    events = _renamed(sources.transactions, sources.root)
    for kind, source in (("customer", sources.customers), ("terminal", sources.terminals)):
        names = {axis: f"{kind}_{axis}" for axis in _POSITION}
        if source is None:
            events = events.assign(**dict.fromkeys(names.values(), float("nan")))
            continue
        positions = _renamed(source, sources.root)[[f"{kind}_id", *_POSITION]]
        events = events.merge(positions.rename(columns=names), on=f"{kind}_id", how="left")
    return with_features(events, settings.fraud.label_delay_days)


def sparkov_features(file: Path, label_delay_days: int, entities: OwnEntities = ()) -> pd.DataFrame:
    """Return the rows of one CSV file of the Sparkov generator, with SPARKOV_OWN and the entities.

    Positions are missing.
    """
    read = pd.read_csv(file, usecols=[*_SPARKOV, *SPARKOV_OWN])
    events = read[[*_SPARKOV, *SPARKOV_OWN]].rename(columns=_SPARKOV)
    unknown = pd.Series(float("nan"), index=events.index)
    positions = {f"{kind}_{axis}": unknown for kind in ("customer", "terminal") for axis in "xy"}
    return with_features(events.assign(**positions), label_delay_days, entities).merge(
        events[["transaction_id", *SPARKOV_OWN]], on="transaction_id"
    )


def event_table(events: pd.DataFrame) -> pa.Table:
    """Convert the events to the table that the features are computed from."""
    for name in ("transaction_id", "customer_id", "terminal_id"):
        events[name] = events[name].astype(str)
    times = pd.to_datetime(events["event_time"], utc=True).dt.as_unit("us")
    events = events.assign(event_time=times, is_fraud=events["is_fraud"].astype("int32"))
    return pa.Table.from_pandas(events, preserve_index=False)


def with_features(
    events: pd.DataFrame, label_delay_days: int, entities: OwnEntities = ()
) -> pd.DataFrame:
    """Return one row of FRAUD_TRAINING_SET per transaction, with features of the entities."""
    taken = event_table(events)
    known = taken.select(
        ["transaction_id", "customer_id", "terminal_id", "event_time", "is_fraud"]
    ).to_pandas()
    days = known["event_time"].dt.date
    table = compute_fraud_features(
        taken,
        first_day=days.min(),
        last_day=days.max(),
        label_delay=timedelta(days=label_delay_days),
        entities=entities,
    ).to_pandas()
    return table.merge(known.assign(event_date=days), on="transaction_id")


def _renamed(source: SourceSettings, root: str) -> pd.DataFrame:
    files = sorted(Path(root).glob(source.path.replace("{date}", "*")))
    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return frame.rename(
        columns={theirs: ours for ours in source.columns for theirs in source.names_of(ours)}
    )
