"""Contracts of the audit trail: requests, the inputs of their decisions, and feedback."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.transactions import DECISION_COLUMNS, TRANSACTIONS

_STATES = "fresh, stale, absent or unavailable"
_DECISION = (
    Column(name="decision_id", type="string", description="Key of the decision"),
    Column(name="decided_at", type="timestamp", unit="UTC", description="Time of the decision"),
    Column(name="caller", type="string", nullable=True, description="Name of the API key"),
    Column(name="correlation_id", type="string", description="Of the request"),
    Column(name="role", type="string", description="champion, canary or shadow (not answered)"),
    Column(name="model_version", type="string", description="Registry version that decided"),
)

DECISION_LOG = TableContract(
    name="decision_log",
    description="Every fraud decision of the API, with the features that it was made from",
    columns=(
        *_DECISION,
        *(
            TRANSACTIONS.column(name)
            for name in ("transaction_id", "event_time", "customer_id", "terminal_id", "amount")
        ),
        Column(
            name="features",
            type="array<double>",
            description="Inputs of the model: the features in the order of their declarations, "
            "then the encoded own columns",
        ),
        Column(name="customer_state", type="string", description=_STATES),
        Column(name="terminal_state", type="string", description=_STATES),
        Column(
            name="feature_age_seconds",
            type="double",
            nullable=True,
            description="Time from the end of the online store's data to the event",
        ),
        Column(name="score", type="double", description="Calibrated probability of fraud, 0 to 1"),
        Column(
            name="threshold", type="double", description="Lowest score of an alert by the bands"
        ),
        *DECISION_COLUMNS,
    ),
    key=("decision_id",),
    append_only=True,
)

RECOMMENDATION_LOG = TableContract(
    name="recommendation_log",
    description="Every list of recommendations that the API returned",
    columns=(
        *_DECISION,
        Column(name="user_id", type="string", nullable=True, description="Null if anonymous"),
        Column(
            name="experiments", type="array<string>", description="experiment=variant of the user"
        ),
        Column(name="source", type="string", description="hybrid, popularity or precomputed"),
        Column(name="item_ids", type="array<string>", description="Best first"),
    ),
    key=("decision_id",),
    append_only=True,
)

FEEDBACK_LOG = TableContract(
    name="feedback_log",
    description="Labels and outcomes that were reported to the API",
    columns=(
        Column(name="feedback_id", type="string", description="Key of the message"),
        Column(name="received_at", type="timestamp", unit="UTC", description="Time of receipt"),
        Column(name="caller", type="string", nullable=True, description="Name of the API key"),
        Column(name="correlation_id", type="string", description="Of the request"),
        Column(name="kind", type="string", description="label or outcome"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it happened"),
        Column(name="transaction_id", type="string", nullable=True, description="Labelled one"),
        Column(name="is_fraud", type="boolean", nullable=True, description="The label"),
        Column(name="user_id", type="string", nullable=True, description="User of outcome"),
        Column(name="item_id", type="string", nullable=True, description="Item of outcome"),
        Column(name="action", type="string", nullable=True, description="Type of the outcome"),
        Column(name="rating", type="double", unit="stars", nullable=True, description="If rated"),
        Column(
            name="decision_id", type="string", nullable=True, description="Decision with the list"
        ),
    ),
    key=("feedback_id",),
    append_only=True,
)

LOGS = (DECISION_LOG, RECOMMENDATION_LOG, FEEDBACK_LOG)
"""Each log is a folder of segments, and becomes the table of the same name."""
