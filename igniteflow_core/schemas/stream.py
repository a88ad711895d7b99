"""Contract of the stream's output table."""

from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.topic import TOPIC_MESSAGES
from igniteflow_core.schemas.transactions import DECISION_COLUMNS, FRAUD_SCORES

STREAM_SCORES = TableContract(
    name="stream_scores",
    description="Transactions that the stream has scored, with the features it used",
    columns=(
        *(FRAUD_SCORES.column(name) for name in FRAUD_SCORES.column_names[:4]),
        *(FRAUD_FEATURES_TABLE.column(name) for name in FEATURE_NAMES),
        FRAUD_SCORES.column("score"),
        *DECISION_COLUMNS,
        FRAUD_SCORES.column("model_version"),
        *(TOPIC_MESSAGES.column(name) for name in ("topic", "partition", "offset", "arrived_at")),
        Column(
            name="scored_at", type="timestamp", unit="UTC", description="Start of its micro-batch"
        ),
        Column(name="batch_id", type="bigint", description="Number of the micro-batch"),
        FRAUD_SCORES.column("event_date"),
    ),
    key=("transaction_id",),
    partition_by="event_date",
)
