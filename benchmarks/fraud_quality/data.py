"""Every feature of the configured Parquet sources, computed in memory."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

from igniteflow_core.config.settings import Settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.features.compute import compute_fraud_features

_POSITION = ("x", "y")


def labelled_features(settings: Settings) -> pd.DataFrame:
    """One row per transaction, as FRAUD_TRAINING_SET, of all days of the settings' sources."""
    sources = settings.sources
    events = _renamed(sources.transactions, sources.root)
    for kind, source in (("customer", sources.customers), ("terminal", sources.terminals)):
        positions = _renamed(source, sources.root)
        positions = positions[[f"{kind}_id", *_POSITION]].rename(
            columns={axis: f"{kind}_{axis}" for axis in _POSITION}
        )
        events = events.merge(positions, on=f"{kind}_id", how="left")
    for name in ("transaction_id", "customer_id", "terminal_id"):
        events[name] = events[name].astype(str)
    times = pd.to_datetime(events["event_time"], utc=True).dt.as_unit("us")
    events = events.assign(event_time=times, is_fraud=events["is_fraud"].astype("int32"))
    days = times.dt.date
    table = compute_fraud_features(
        pa.Table.from_pandas(events, preserve_index=False),
        first_day=days.min(),
        last_day=days.max(),
        label_delay=timedelta(days=settings.fraud.label_delay_days),
    ).to_pandas()
    known = events[["transaction_id", "customer_id", "terminal_id", "event_time", "is_fraud"]]
    return table.merge(known.assign(event_date=days), on="transaction_id")


def _renamed(source: SourceSettings, root: str) -> pd.DataFrame:
    files = sorted(Path(root).glob(source.path.replace("{date}", "*")))
    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return frame.rename(
        columns={theirs: ours for ours in source.columns for theirs in source.names_of(ours)}
    )
