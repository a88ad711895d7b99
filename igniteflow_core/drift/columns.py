"""The monitored columns, with the clusters of their rows and their warm-up periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.features.compute import history_days
from igniteflow_core.features.declared import declared_features
from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.features.feature import Feature
from igniteflow_core.schemas.own_columns import (
    AGE,
    CATEGORIES,
    OwnColumns,
    OwnType,
    inputs_of_models,
)

SCORE = "score"
"""The column of the champion's probabilities."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WatchedColumn:
    """A numeric column.

    Attributes:
        name: name of the column.
        cluster: id column whose rows are correlated, so that each cluster counts as one draw.
        warm_up_days: days at the start of the data whose lookback reaches beyond it.
    """

    name: str
    cluster: str
    warm_up_days: int = 0


def watched_features(
    label_delay: timedelta, entities: Sequence[EntitySettings] = ()
) -> tuple[WatchedColumn, ...]:
    """Every fraud feature, clustered by the entity whose history it measures.

    Features of one entity share much of its history, so its rows count as one draw.

    Args:
        label_delay: time until a label is known.
        entities: that are declared; the column ``id_column`` holds the ids of each.
    """
    declared = {entity.name for entity in entities}
    return tuple(
        WatchedColumn(
            name=feature.name,
            cluster=id_column(feature.entity)
            if feature.entity in declared
            else _cluster_of(feature),
            warm_up_days=-(-feature.lookback(label_delay) // _DAY),
        )
        for feature in (*FRAUD_FEATURES, *declared_features(entities))
    )


def watched_own(own: OwnColumns) -> tuple[WatchedColumn, ...]:
    """A team's own columns, as ``own_as_numbers`` returns them, clustered by customer."""
    return tuple(
        WatchedColumn(watched_name(name, column.type), "customer_id")
        for name, column in inputs_of_models(own).items()
    )


def watched_name(name: str, type_: OwnType) -> str:
    """What is watched of an own column: its network, domain or age, or itself."""
    return f"{name}{AGE if type_ == 'timestamp' else CATEGORIES.get(type_, '')}"


def id_column(entity: str) -> str:
    """The column with the ids of a declared entity; no column of a table is named like that."""
    return f"id of {entity}"


def watched_score(label_delay: timedelta) -> WatchedColumn:
    """The champion's score, whose warm-up is that of the feature with the longest lookback."""
    return WatchedColumn(SCORE, "customer_id", history_days(label_delay))


def _cluster_of(feature: Feature) -> str:
    return "terminal_id" if feature.entity == "terminal" else "customer_id"
