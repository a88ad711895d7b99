"""The fraud features: one declaration each, from which all else is derived."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from igniteflow_core.features import measures
from igniteflow_core.features.events import Measure, Over

Entity = Literal["customer", "customer_terminal", "terminal"]

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
WEEK, FORTNIGHT, MONTH = timedelta(days=7), timedelta(days=14), timedelta(days=30)


@dataclass(frozen=True)
class Feature:
    """One feature of a transaction.

    Attributes:
        name: column name.
        entity: whose events it looks at; ``customer_terminal`` are one card's events at one terminal.
        over: which of them, see ``events.Over``.
        measure: what it measures over them.
        description: what it says, in one phrase.
        unit: of its values, or None for a pure number.
        window: length of the time it looks back over; zero for the event alone.
        default: the value where there is no history to measure.
        inputs: how far back the flags that it counts look themselves.
    """

    name: str
    entity: Entity
    over: Over
    measure: Measure
    description: str
    unit: str | None = None
    window: timedelta = timedelta(0)
    default: float = 0.0
    inputs: timedelta = timedelta(0)

    def lookback(self, label_delay: timedelta) -> timedelta:
        """How long before an event the oldest event lies that can change its value."""
        delay = label_delay if self.over == "labelled" else timedelta(0)
        return self.window + delay + self.inputs


def _event(name: str, measure: Measure, description: str, unit: str | None = None) -> Feature:
    return Feature(name, "customer", "event", measure, description, unit)


UNUSUAL_AMOUNT = Feature(
    "customer_unusual_amount",
    "customer",
    "earlier",
    measures.is_unusual,
    f"1 if the amount is above {measures.UNUSUAL_MULTIPLE} times the mean of the card's earlier "
    f"amounts, of which there are at least {measures.UNUSUAL_MIN_HISTORY}",
    window=MONTH,
)
NEW_TERMINAL = Feature(
    "customer_new_terminal",
    "customer_terminal",
    "earlier",
    measures.is_first,
    "1 if the card was not seen at the terminal before",
    window=MONTH,
)
FLAGS = (UNUSUAL_AMOUNT, NEW_TERMINAL)
"""Features of the card that other features count; they are computed for the history too."""

_SPAN = {QUARTER: "15m", HOUR: "1h", DAY: "1d", WEEK: "7d", FORTNIGHT: "14d", MONTH: "30d"}
_CURRENCY, _SECONDS, _DISTANCE = "source currency", "seconds", "grid units"
_UNKNOWN_DISTANCE = -1.0

_EVENT_FEATURES = (
    _event("amount", measures.amount, "Amount charged", _CURRENCY),
    _event("hour_sin", measures.hour_sin, "Sine of the time of day, UTC"),
    _event("hour_cos", measures.hour_cos, "Cosine of the time of day, UTC"),
    _event("is_night", measures.is_night, "1 from 00:00 to 06:59 UTC"),
    _event("is_weekend", measures.is_weekend, "1 on Saturday and Sunday UTC"),
    Feature(
        "distance_from_home",
        "customer",
        "event",
        measures.distance_from_home,
        "Distance from home to the terminal; -1 if a position is unknown",
        _DISTANCE,
        default=_UNKNOWN_DISTANCE,
    ),
)

_CUSTOMER_FEATURES = (
    *(
        Feature(
            f"customer_{kind}_{_SPAN[window]}",
            "customer",
            "window",
            measure,
            f"{what} of the card",
            unit,
            window,
        )
        for kind, measure, what, unit in (
            ("count", measures.count, "Number of transactions", None),
            ("amount_sum", measures.amount_sum, "Sum of the amounts", _CURRENCY),
            ("amount_mean", measures.amount_mean, "Mean of the amounts", _CURRENCY),
        )
        for window in (QUARTER, HOUR, DAY, WEEK, MONTH)
    ),
    Feature(
        "customer_amount_to_mean_30d",
        "customer",
        "earlier",
        measures.amount_to_mean,
        "Amount over the mean of the card's earlier amounts",
        window=MONTH,
        default=1.0,
    ),
    Feature(
        "customer_amount_to_max_30d",
        "customer",
        "earlier",
        measures.amount_to_max,
        "Amount over the largest of the card's earlier amounts",
        window=MONTH,
        default=1.0,
    ),
    Feature(
        "customer_amount_zscore_30d",
        "customer",
        "earlier",
        measures.amount_zscore,
        "Amount in standard deviations from the mean of the card's earlier amounts",
        window=MONTH,
    ),
    UNUSUAL_AMOUNT,
    *(
        Feature(
            f"customer_unusual_count_{_SPAN[window]}",
            "customer",
            "window",
            measures.count_of(UNUSUAL_AMOUNT.name),
            "Number of the card's unusual amounts",
            window=window,
            inputs=UNUSUAL_AMOUNT.window,
        )
        for window in (DAY, WEEK, FORTNIGHT)
    ),
    *(
        Feature(
            f"customer_fraud_count_{_SPAN[window]}",
            "customer",
            "labelled",
            measures.fraud_count,
            "Number of the card's known frauds",
            window=window,
        )
        for window in (WEEK, MONTH)
    ),
    Feature(
        "customer_seconds_since_fraud_30d",
        "customer",
        "labelled",
        measures.seconds_since_last_fraud,
        "Time since the card's last known fraud; ten years if there is none",
        _SECONDS,
        MONTH,
        default=10 * 365 * 86_400.0,
    ),
    Feature(
        "customer_seconds_since_previous_30d",
        "customer",
        "earlier",
        measures.seconds_since_previous,
        "Time since the card's last transaction; the window if there is none",
        _SECONDS,
        MONTH,
        default=MONTH.total_seconds(),
    ),
    Feature(
        "customer_distance_from_previous_30d",
        "customer",
        "earlier",
        measures.distance_from_previous,
        "Distance from the terminal of the card's last transaction; -1 if there is none",
        _DISTANCE,
        MONTH,
        default=_UNKNOWN_DISTANCE,
    ),
    Feature(
        "customer_speed_from_previous_30d",
        "customer",
        "earlier",
        measures.speed_from_previous,
        "That distance over the time since; -1 if there is none",
        "grid units per hour",
        MONTH,
        default=_UNKNOWN_DISTANCE,
    ),
    *(
        Feature(
            f"customer_distinct_terminals_{_SPAN[window]}",
            "customer",
            "window",
            measures.distinct("terminal_id"),
            "Number of different terminals of the card",
            window=window,
        )
        for window in (DAY, WEEK, MONTH)
    ),
    Feature(
        "customer_terminal_count_30d",
        "customer_terminal",
        "window",
        measures.count,
        "Number of the card's transactions at this terminal",
        window=MONTH,
    ),
    NEW_TERMINAL,
)

_TERMINAL_FEATURES = (
    *(
        Feature(
            f"terminal_count_{_SPAN[window]}",
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
            f"terminal_{kind}_{_SPAN[window]}",
            "terminal",
            "labelled",
            measure,
            what,
            window=window,
            default=default,
        )
        for kind, measure, what, default in (
            ("known_count", measures.known_labels, "Number of known labels at the terminal", 0.0),
            ("fraud_count", measures.fraud_count, "Number of known frauds at the terminal", 0.0),
            ("risk", measures.fraud_rate, "Known frauds per known label at the terminal", 0.0),
            (
                "smoothed_risk",
                measures.smoothed_fraud_rate,
                f"The same, starting from {measures.PRIOR_EVENTS:g} labels at a rate of "
                f"{measures.PRIOR_FRAUD_RATE:g}",
                measures.PRIOR_FRAUD_RATE,
            ),
        )
        for window in (DAY, WEEK, MONTH)
    ),
    *(
        Feature(
            f"terminal_seconds_since_{which}_fraud_30d",
            "terminal",
            "labelled",
            measure,
            f"Time since the {which} known fraud at the terminal; ten years if there is none",
            _SECONDS,
            MONTH,
            default=10 * 365 * 86_400.0,
        )
        for which, measure in (
            ("first", measures.seconds_since_first_fraud),
            ("last", measures.seconds_since_last_fraud),
        )
    ),
    *(
        Feature(
            f"terminal_amount_to_mean_{_SPAN[window]}",
            "terminal",
            "earlier",
            measures.amount_to_mean,
            "Amount over the mean of the earlier amounts at the terminal",
            window=window,
            default=1.0,
        )
        for window in (DAY, WEEK)
    ),
    *(
        Feature(
            f"terminal_{kind}_share_{_SPAN[window]}",
            "terminal",
            "window",
            measures.share_of(flag.name),
            what,
            window=window,
            inputs=flag.window,
        )
        for kind, flag, what in (
            ("unusual", UNUSUAL_AMOUNT, "Share of transactions of an unusual amount for the card"),
            ("new_customer", NEW_TERMINAL, "Share of transactions of cards new at the terminal"),
        )
        for window in (DAY, WEEK)
    ),
    *(
        Feature(
            f"terminal_distinct_customers_{_SPAN[window]}",
            "terminal",
            "window",
            measures.distinct("customer_id"),
            "Number of different cards at the terminal",
            window=window,
        )
        for window in (DAY, WEEK)
    ),
)

FRAUD_FEATURES: tuple[Feature, ...] = (
    *_EVENT_FEATURES,
    *_CUSTOMER_FEATURES,
    *_TERMINAL_FEATURES,
)
"""Every feature, in the order of the table's columns."""

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FRAUD_FEATURES)
"""The inputs of the models, in order."""

STANDARD_FEATURES: tuple[str, ...] = (
    "amount",
    "is_weekend",
    "is_night",
    *(
        f"customer_{kind}_{span}"
        for span in ("1d", "7d", "30d")
        for kind in ("count", "amount_mean")
    ),
    *(
        f"terminal_{kind}_{span}"
        for span in ("1d", "7d", "30d")
        for kind in ("known_count", "risk")
    ),
)
"""The 15 features of the Fraud Detection Handbook (Le Borgne et al., 2022), the baseline.

Its terminal windows, of counts too, end one label delay before the transaction.
"""
