"""The table of fraud features and its catalogue, both from the declarations."""

from collections.abc import Iterable
from datetime import timedelta

from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.features.feature import Feature
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.own_columns import OwnColumns, with_own_columns
from igniteflow_core.schemas.transactions import TRANSACTIONS

_IDENTITY = ("transaction_id", "event_time", "customer_id", "terminal_id")

_OVER = {
    "event": "itself",
    "window": "(t - {window}, t]",
    "earlier": "(t - {window}, t], without the transaction",
    "labelled": "(t - delay - {window}, t - delay]",
}


def _whose(feature: Feature) -> str:
    return "transaction" if feature.over == "event" else feature.entity.replace("_", " and ")


def _interval(feature: Feature) -> str:
    return _OVER[feature.over].format(window=_span(feature.window))


def _span(window: timedelta) -> str:
    if window.days:
        return f"{window.days} d"
    minutes = window.seconds // 60
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _column(feature: Feature) -> Column:
    return Column(
        name=feature.name,
        type="double",
        unit=feature.unit,
        description=f"{feature.description}; over {_interval(feature)}",
    )


FRAUD_FEATURES_TABLE = TableContract(
    name="fraud_features",
    description="Features of each transaction at its time",
    columns=(
        *(TRANSACTIONS.column(name) for name in _IDENTITY),
        *map(_column, FRAUD_FEATURES),
        TRANSACTIONS.column("event_date"),
    ),
    key=("transaction_id",),
    partition_by="event_date",
)


def with_features(contract: TableContract, features: Iterable[Feature]) -> TableContract:
    """The table with features of declared entities as its last columns."""
    columns = (*contract.columns, *map(_column, features))
    return contract.model_copy(update={"columns": columns})


def features_table(own: OwnColumns, features: Iterable[Feature]) -> TableContract:
    """FRAUD_FEATURES_TABLE with the own columns and the features of declared entities."""
    return with_features(with_own_columns(FRAUD_FEATURES_TABLE, own), features)


def feature_catalogue(features: Iterable[Feature] = ()) -> str:
    """Every feature as a Markdown table: name, entity, window, unit, default, description.

    Args:
        features: features of declared entities, besides the built-in ones.
    """
    header = (
        "| feature | entity | events | unit | default | description |\n|---|---|---|---|---|---|"
    )
    rows = (
        f"| `{feature.name}` | {_whose(feature)} | {_interval(feature)} | "
        f"{feature.unit or ''} | {'' if feature.over == 'event' else f'{feature.default:g}'} | "
        f"{feature.description} |"
        for feature in (*FRAUD_FEATURES, *features)
    )
    return "\n".join((header, *rows)) + "\n"
