"""Contracts of the transaction tables, from raw delivery to scores."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.delivery import (
    FAULT_COLUMN,
    REASONS_COLUMN,
    ROW_TEXT_COLUMN,
    SOURCE_FILE_COLUMN,
)
from igniteflow_core.schemas.quarantine import quarantine_of

_EVENT_COLUMNS = (
    Column(name="transaction_id", type="string", description="Identifier in the source"),
    Column(
        name="event_time",
        type="timestamp",
        unit="UTC",
        description="Time of the transaction",
    ),
    Column(name="customer_id", type="string", description="Customer, such as a card"),
    Column(name="terminal_id", type="string", description="Point of sale"),
    Column(name="amount", type="double", unit="source currency", description="Amount charged"),
)

TRANSACTIONS = TableContract(
    name="transactions",
    description="Validated transactions, each transaction once",
    columns=(
        *_EVENT_COLUMNS,
        Column(
            name="is_fraud",
            type="int",
            nullable=True,
            description="1 for fraud, 0 for genuine, null while unknown; may be used only after "
            "the label delay",
        ),
        Column(name="event_date", type="date", description="Day of event_time; the partition"),
    ),
    key=("transaction_id",),
    partition_by="event_date",
)

TRANSACTION_SOURCE_COLUMNS: tuple[str, ...] = (
    "transaction_id",
    "event_time",
    "customer_id",
    "terminal_id",
    "amount",
    "is_fraud",
)
"""The columns that a source of transactions is mapped to, all as text in the raw table."""

_AS_DELIVERED = tuple(
    Column(
        name=name,
        type="string",
        nullable=True,
        description=f"{TRANSACTIONS.column(name).description}, as delivered",
    )
    for name in TRANSACTION_SOURCE_COLUMNS
)
_DELIVERY_DATE = Column(
    name="delivery_date", type="date", description="Day it was delivered for; the partition"
)

RAW_TRANSACTIONS = TableContract(
    name="raw_transactions",
    description="Transactions as delivered: names are mapped, values are kept as text",
    columns=(
        *_AS_DELIVERED,
        SOURCE_FILE_COLUMN,
        FAULT_COLUMN,
        ROW_TEXT_COLUMN,
        _DELIVERY_DATE,
    ),
    key=(),
    partition_by="delivery_date",
)

QUARANTINED_TRANSACTIONS = TableContract(
    name="quarantined_transactions",
    description="Rows rejected from transactions, with every reason",
    columns=(
        *_AS_DELIVERED,
        SOURCE_FILE_COLUMN,
        ROW_TEXT_COLUMN,
        _DELIVERY_DATE,
        REASONS_COLUMN,
    ),
    key=(),
    partition_by="delivery_date",
)


def _position(whose: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=name,
            type="double",
            unit=unit,
            nullable=True,
            description=f"{whose}, {what}; null if unknown",
        )
        for name, unit, what in (
            ("x", "km", "horizontal on a plane"),
            ("y", "km", "vertical on a plane"),
            ("latitude", "degrees", "WGS84"),
            ("longitude", "degrees", "WGS84"),
        )
    )


CUSTOMERS = TableContract(
    name="customers",
    description="Customers and their homes",
    columns=(
        Column(name="customer_id", type="string", description="Customer, such as a card"),
        *_position("Home"),
    ),
    key=("customer_id",),
)

TERMINALS = TableContract(
    name="terminals",
    description="Points of sale and their positions",
    columns=(
        Column(name="terminal_id", type="string", description="Point of sale"),
        *_position("Position"),
    ),
    key=("terminal_id",),
)

QUARANTINED_CUSTOMERS = quarantine_of(CUSTOMERS)
QUARANTINED_TERMINALS = quarantine_of(TERMINALS)

DECISION_COLUMNS = (
    Column(
        name="is_alert",
        type="boolean",
        description="Whether the decision is to review or to decline",
    ),
    *(
        Column(
            name=name,
            type="string",
            nullable=True,
            description=f"{what}; null in rows from before there were decision policies",
        )
        for name, what in (
            ("decision", "approve, review or decline"),
            (
                "decided_by",
                "What decided: score, or deny:, allow: or rule: with the name of the list or rule",
            ),
            ("policy_version", "Registry version of the decision policy"),
            ("policy_hash", "SHA-256 of the decision policy"),
        )
    ),
)
"""What a decision policy makes of a score."""

FRAUD_SCORES = TableContract(
    name="fraud_scores",
    description="The champion's probability of fraud for each transaction, and the decision on it",
    columns=(
        *_EVENT_COLUMNS,
        Column(name="score", type="double", description="Calibrated probability of fraud, 0 to 1"),
        *DECISION_COLUMNS,
        Column(
            name="reasons",
            type="array<string>",
            description="For an alert, the features that raised its score most, largest first",
        ),
        Column(
            name="reason_contributions",
            type="array<float>",
            unit="log-odds",
            description="Contribution of each to XGBoost's score: its Shapley value",
        ),
        Column(name="model_version", type="string", description="Registry version that scored it"),
        Column(name="event_date", type="date", description="Day of event_time; the partition"),
    ),
    key=("transaction_id",),
    partition_by="event_date",
)
