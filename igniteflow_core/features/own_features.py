"""The features of declared entities, which are like those of customers and terminals."""

from functools import cache

from igniteflow_core.features import amount_measures, label_measures, measures
from igniteflow_core.features.feature import (
    CURRENCY,
    DAY,
    HOUR,
    MONTH,
    NEVER,
    SECONDS,
    SPAN,
    WEEK,
    Feature,
)
from igniteflow_core.features.lookback import Measure
from igniteflow_core.features.own_entities import OwnEntities

_AMOUNTS: tuple[tuple[str, Measure, str, float], ...] = (
    ("mean", amount_measures.amount_to_mean, "Amount over the mean", 1.0),
    ("median", amount_measures.amount_to_quantile(50), "Amount over the median", 1.0),
    ("max", amount_measures.amount_to_max, "Amount over the largest", 1.0),
)


@cache
def own_features(name: str, distinct: str | None) -> tuple[Feature, ...]:
    """The features of one entity.

    Args:
        name: name of the entity.
        distinct: the column whose distinct values are counted, if any.
    """
    features = [
        Feature(
            f"{name}_{kind}_{SPAN[window]}",
            name,
            "window",
            measure,
            f"{what}; 0 without a value of the entity",
            unit,
            window,
        )
        for kind, measure, what, unit, windows in (
            ("count", measures.count, "Number of transactions", None, (HOUR, DAY, WEEK, MONTH)),
            (
                "amount_sum",
                amount_measures.amount_sum,
                "Sum of the amounts",
                CURRENCY,
                (DAY, WEEK, MONTH),
            ),
            (
                "amount_mean",
                amount_measures.amount_mean,
                "Mean of the amounts",
                CURRENCY,
                (DAY, WEEK, MONTH),
            ),
        )
        for window in windows
    ]
    features += [
        Feature(
            f"{name}_amount_to_{kind}_30d",
            name,
            "earlier",
            measure,
            f"{what} of the earlier amounts",
            window=MONTH,
            default=default,
        )
        for kind, measure, what, default in _AMOUNTS
    ]
    features += [
        Feature(
            f"{name}_amount_zscore_30d",
            name,
            "earlier",
            amount_measures.amount_zscore,
            "Amount in standard deviations from the mean of the earlier amounts",
            window=MONTH,
        ),
        Feature(
            f"{name}_is_new_30d",
            name,
            "earlier",
            measures.is_first,
            "1 if it is the entity's first transaction",
            window=MONTH,
        ),
        Feature(
            f"{name}_seconds_since_previous_30d",
            name,
            "earlier",
            measures.seconds_since_previous,
            "Time since the last transaction; the window if there is none",
            SECONDS,
            MONTH,
            default=MONTH.total_seconds(),
        ),
        Feature(
            f"{name}_seconds_since_first_30d",
            name,
            "window",
            measures.seconds_since_first,
            "Time since the entity's first transaction",
            SECONDS,
            MONTH,
        ),
    ]
    features += [
        Feature(
            f"{name}_{kind}_{SPAN[window]}",
            name,
            "labelled",
            measure,
            what,
            window=window,
            default=default,
        )
        for kind, measure, what, default in (
            ("known_count", label_measures.known_labels, "Number of known labels", 0.0),
            ("fraud_count", label_measures.fraud_count, "Number of known frauds", 0.0),
            (
                "smoothed_risk",
                label_measures.smoothed_fraud_rate,
                "Known frauds per known label, starting from "
                f"{label_measures.PRIOR_EVENTS:g} labels at a rate of "
                f"{label_measures.PRIOR_FRAUD_RATE:g}",
                label_measures.PRIOR_FRAUD_RATE,
            ),
        )
        for window in (WEEK, MONTH)
    ]
    features += [
        Feature(
            f"{name}_{kind}_30d",
            name,
            "labelled",
            measure,
            what,
            unit,
            MONTH,
            default=default,
        )
        for kind, measure, what, unit, default in (
            (
                "last_label",
                label_measures.last_label,
                "1 if the last known label says fraud",
                None,
                0.0,
            ),
            (
                "fraud_streak",
                label_measures.fraud_streak,
                "Number of consecutive known frauds up to the last known label",
                None,
                0.0,
            ),
            (
                "seconds_since_last_fraud",
                label_measures.seconds_since_last_fraud,
                "Time since the last known fraud; ten years if there is none",
                SECONDS,
                NEVER,
            ),
        )
    ]
    if distinct is not None:
        features += [
            Feature(
                f"{name}_distinct_{distinct}_{SPAN[window]}",
                name,
                "window",
                measures.distinct("counted_id"),
                f"Number of distinct values of {distinct}",
                window=window,
            )
            for window in (DAY, WEEK, MONTH)
        ]
    return tuple(features)


def features_of(entities: OwnEntities) -> tuple[Feature, ...]:
    """The features of all entities, in their order."""
    return tuple(
        feature
        for entity in entities
        for feature in own_features(entity.name, entity.distinct and entity.distinct.name)
    )
