"""The features of the terminal."""

from igniteflow_core.features import amount_measures, label_measures, measures
from igniteflow_core.features.customer_features import NEW_TERMINAL, UNUSUAL_AMOUNT
from igniteflow_core.features.feature import (
    DAY,
    HOUR,
    MONTH,
    NEVER,
    SECONDS,
    SPAN,
    WEEK,
    Feature,
)

TERMINAL_FEATURES = (
    *(
        Feature(
            f"terminal_count_{SPAN[window]}",
            "terminal",
            "window",
            measures.count,
            "Number of transactions at the terminal",
            window=window,
        )
        for window in (HOUR, DAY, WEEK, MONTH)
    ),
    *(
        Feature(
            f"terminal_{kind}_{SPAN[window]}",
            "terminal",
            "labelled",
            measure,
            what,
            window=window,
            default=default,
        )
        for kind, measure, what, default in (
            (
                "known_count",
                label_measures.known_labels,
                "Number of known labels",
                0.0,
            ),
            (
                "fraud_count",
                label_measures.fraud_count,
                "Number of known frauds",
                0.0,
            ),
            (
                "risk",
                label_measures.fraud_rate,
                "Known frauds per known label",
                0.0,
            ),
            (
                "smoothed_risk",
                label_measures.smoothed_fraud_rate,
                "Known frauds per known label, starting from "
                f"{label_measures.PRIOR_EVENTS:g} labels at a rate of "
                f"{label_measures.PRIOR_FRAUD_RATE:g}",
                label_measures.PRIOR_FRAUD_RATE,
            ),
        )
        for window in (DAY, WEEK, MONTH)
    ),
    # A fraud whose amount is usual for the customer indicates a compromised terminal.
    *(
        Feature(
            f"terminal_usual_fraud_count_{SPAN[window]}",
            "terminal",
            "labelled",
            label_measures.fraud_count_without(UNUSUAL_AMOUNT.name),
            "Number of known frauds of an amount usual for the customer",
            window=window,
            inputs=UNUSUAL_AMOUNT.window,
        )
        for window in (DAY, WEEK)
    ),
    Feature(
        "terminal_last_label_30d",
        "terminal",
        "labelled",
        label_measures.last_label,
        "1 if the last known label at the terminal says fraud",
        window=MONTH,
    ),
    Feature(
        "terminal_fraud_streak_30d",
        "terminal",
        "labelled",
        label_measures.fraud_streak,
        "Number of consecutive known frauds up to the last known label",
        window=MONTH,
    ),
    Feature(
        "terminal_risk_since_first_fraud_30d",
        "terminal",
        "labelled",
        label_measures.fraud_rate_since_first_fraud,
        "Known frauds per known label from the first known fraud on",
        window=MONTH,
    ),
    *(
        Feature(
            f"terminal_seconds_since_{which}_fraud_30d",
            "terminal",
            "labelled",
            measure,
            f"Time since the {which} known fraud at the terminal; ten years if there is none",
            SECONDS,
            MONTH,
            default=NEVER,
        )
        for which, measure in (
            ("first", label_measures.seconds_since_first_fraud),
            ("last", label_measures.seconds_since_last_fraud),
        )
    ),
    *(
        Feature(
            f"terminal_amount_to_mean_{SPAN[window]}",
            "terminal",
            "earlier",
            amount_measures.amount_to_mean,
            "Amount over the mean of the earlier amounts at the terminal",
            window=window,
            default=1.0,
        )
        for window in (DAY, WEEK)
    ),
    *(
        Feature(
            f"terminal_{kind}_share_{SPAN[window]}",
            "terminal",
            "window",
            measures.share_of(flag.name),
            what,
            window=window,
            inputs=flag.window,
        )
        for kind, flag, what in (
            ("unusual", UNUSUAL_AMOUNT, "Share of transactions with an unusual amount"),
            ("new_customer", NEW_TERMINAL, "Share of transactions of new customers"),
        )
        for window in (DAY, WEEK)
    ),
    *(
        Feature(
            f"terminal_distinct_customers_{SPAN[window]}",
            "terminal",
            "window",
            measures.distinct("customer_id"),
            "Number of distinct customers at the terminal",
            window=window,
        )
        for window in (DAY, WEEK)
    ),
)
