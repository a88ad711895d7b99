"""The features of the transaction itself and of its customer."""

from igniteflow_core.features import amount_measures, label_measures, measures
from igniteflow_core.features.feature import (
    CURRENCY,
    DAY,
    DISTANCE,
    FORTNIGHT,
    HOUR,
    MONTH,
    NEVER,
    QUARTER,
    SECONDS,
    SPAN,
    SPEED,
    UNKNOWN_DISTANCE,
    WEEK,
    Feature,
)

UNUSUAL_AMOUNT = Feature(
    "customer_unusual_amount",
    "customer",
    "earlier",
    amount_measures.is_unusual,
    f"1 if the amount is above {amount_measures.UNUSUAL_MULTIPLE} times the mean of the customer's "
    f"earlier amounts, of which there are at least {amount_measures.UNUSUAL_MIN_HISTORY}",
    window=MONTH,
)
NEW_TERMINAL = Feature(
    "customer_new_terminal",
    "customer_terminal",
    "earlier",
    measures.is_first,
    "1 if it is the customer's first transaction at the terminal",
    window=MONTH,
)
FLAGS = (UNUSUAL_AMOUNT, NEW_TERMINAL)
"""Features of the customer that other features count; they are computed for the history too."""

EVENT_FEATURES = (
    Feature("amount", "customer", "event", amount_measures.amount, "Amount charged", CURRENCY),
    Feature("hour_sin", "customer", "event", measures.hour_sin, "Sine of the time of day, UTC"),
    Feature("hour_cos", "customer", "event", measures.hour_cos, "Cosine of the time of day, UTC"),
    Feature("is_night", "customer", "event", measures.is_night, "1 from 00:00 to 06:59 UTC"),
    Feature("is_weekend", "customer", "event", measures.is_weekend, "1 on Saturday and Sunday UTC"),
    Feature(
        "distance_from_home_km",
        "customer",
        "event",
        measures.distance_from_home,
        "Distance from home to the terminal; -1 if a position is unknown",
        DISTANCE,
        default=UNKNOWN_DISTANCE,
    ),
)

CUSTOMER_FEATURES = (
    *(
        Feature(
            f"customer_{kind}_{SPAN[window]}",
            "customer",
            "window",
            measure,
            f"{what} of the customer",
            unit,
            window,
        )
        for kind, measure, what, unit in (
            ("count", measures.count, "Number of transactions", None),
            ("amount_sum", amount_measures.amount_sum, "Sum of the amounts", CURRENCY),
            ("amount_mean", amount_measures.amount_mean, "Mean of the amounts", CURRENCY),
        )
        for window in (QUARTER, HOUR, DAY, WEEK, MONTH)
    ),
    Feature(
        "customer_amount_to_mean_30d",
        "customer",
        "earlier",
        amount_measures.amount_to_mean,
        "Amount over the mean of the customer's earlier amounts",
        window=MONTH,
        default=1.0,
    ),
    *(
        Feature(
            f"customer_amount_to_{name}_30d",
            "customer",
            "earlier",
            amount_measures.amount_to_quantile(percent),
            f"Amount over the {what} of the customer's earlier amounts",
            window=MONTH,
            default=1.0,
        )
        for name, percent, what in (("median", 50, "median"), ("p90", 90, "90 % quantile"))
    ),
    Feature(
        "customer_amount_to_max_30d",
        "customer",
        "earlier",
        amount_measures.amount_to_max,
        "Amount over the largest of the customer's earlier amounts",
        window=MONTH,
        default=1.0,
    ),
    Feature(
        "customer_amount_zscore_30d",
        "customer",
        "earlier",
        amount_measures.amount_zscore,
        "Amount in standard deviations from the mean of the customer's earlier amounts",
        window=MONTH,
    ),
    UNUSUAL_AMOUNT,
    *(
        Feature(
            f"customer_unusual_count_{SPAN[window]}",
            "customer",
            "window",
            measures.count_of(UNUSUAL_AMOUNT.name),
            "Number of the customer's unusual amounts",
            window=window,
            inputs=UNUSUAL_AMOUNT.window,
        )
        for window in (DAY, WEEK, FORTNIGHT)
    ),
    *(
        Feature(
            f"customer_fraud_count_{SPAN[window]}",
            "customer",
            "labelled",
            label_measures.fraud_count,
            "Number of the customer's known frauds",
            window=window,
        )
        for window in (WEEK, MONTH)
    ),
    Feature(
        "customer_seconds_since_fraud_30d",
        "customer",
        "labelled",
        label_measures.seconds_since_last_fraud,
        "Time since the customer's last known fraud; ten years if there is none",
        SECONDS,
        MONTH,
        default=NEVER,
    ),
    Feature(
        "customer_seconds_since_previous_30d",
        "customer",
        "earlier",
        measures.seconds_since_previous,
        "Time since the customer's last transaction; the window if there is none",
        SECONDS,
        MONTH,
        default=MONTH.total_seconds(),
    ),
    Feature(
        "customer_distance_from_previous_km_30d",
        "customer",
        "earlier",
        measures.distance_from_previous,
        "Distance from the terminal of the customer's last transaction; -1 if there is none, or if "
        "a position is unknown",
        DISTANCE,
        MONTH,
        default=UNKNOWN_DISTANCE,
    ),
    Feature(
        "customer_speed_from_previous_kmh_30d",
        "customer",
        "earlier",
        measures.speed_from_previous,
        "That distance over the time since then; -1 if the distance is unknown",
        SPEED,
        MONTH,
        default=UNKNOWN_DISTANCE,
    ),
    *(
        Feature(
            f"customer_distinct_terminals_{SPAN[window]}",
            "customer",
            "window",
            measures.distinct("terminal_id"),
            "Number of distinct terminals of the customer",
            window=window,
        )
        for window in (DAY, WEEK, MONTH)
    ),
    Feature(
        "customer_terminal_count_30d",
        "customer_terminal",
        "window",
        measures.count,
        "Number of the customer's transactions at this terminal",
        window=MONTH,
    ),
    NEW_TERMINAL,
)
