"""Contract of the labels that are delivered separately from their transactions."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.quarantine import quarantine_of
from igniteflow_core.schemas.topic import TOPIC_MESSAGES

LABELS = TableContract(
    name="labels",
    description="Labels of transactions and the times at which they became known; each label "
    "once, and a correction beside the label that it corrects",
    columns=(
        Column(name="transaction_id", type="string", description="Labelled transaction"),
        Column(name="is_fraud", type="int", description="1 for fraud, 0 for genuine"),
        Column(
            name="known_at",
            type="timestamp",
            unit="UTC",
            description="When it became known; the latest label of a transaction is valid",
        ),
        Column(
            name="reported_by",
            type="string",
            nullable=True,
            description="Reviewer, system or name of the API key; null if unknown",
        ),
    ),
    key=("transaction_id", "is_fraud", "known_at"),
    append_only=True,
)

QUARANTINED_LABELS = quarantine_of(LABELS)

LABEL_MESSAGES = TOPIC_MESSAGES.model_copy(
    update={
        "name": "label_messages",
        "description": "Messages of the topic of labels as they arrived, each once",
    }
)
