"""The monitored columns, with the clusters of their rows and their warm-up periods."""

from dataclasses import dataclass
from datetime import timedelta

from igniteflow_core.features.compute import history_days
from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.features.feature import Feature
from igniteflow_core.schemas.own_columns import OwnColumns

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


def watched_features(label_delay: timedelta) -> tuple[WatchedColumn, ...]:
    """Every fraud feature, clustered by the entity whose history it measures.

    Features of one entity share much of its history, so its rows count as one draw.
    """
    return tuple(
        WatchedColumn(
            name=feature.name,
            cluster=_cluster_of(feature),
            warm_up_days=-(-feature.lookback(label_delay) // _DAY),
        )
        for feature in FRAUD_FEATURES
    )


def watched_own(own: OwnColumns) -> tuple[WatchedColumn, ...]:
    """A team's own numeric and boolean columns, clustered by customer."""
    return tuple(
        WatchedColumn(name, "customer_id")
        for name, column in own.items()
        if column.type in {"numeric", "boolean"}
    )


def watched_score(label_delay: timedelta) -> WatchedColumn:
    """The champion's score, whose warm-up is that of the feature with the longest lookback."""
    return WatchedColumn(SCORE, "customer_id", history_days(label_delay))


def _cluster_of(feature: Feature) -> str:
    return "terminal_id" if feature.entity == "terminal" else "customer_id"
