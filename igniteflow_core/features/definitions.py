"""The fraud features: one declaration each, from which everything else is derived."""

from igniteflow_core.features.customer_features import CUSTOMER_FEATURES, EVENT_FEATURES
from igniteflow_core.features.feature import Feature
from igniteflow_core.features.terminal_features import TERMINAL_FEATURES

FRAUD_FEATURES: tuple[Feature, ...] = (
    *EVENT_FEATURES,
    *CUSTOMER_FEATURES,
    *TERMINAL_FEATURES,
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
