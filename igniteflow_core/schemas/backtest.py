"""Contract of the backtest of a changed decision policy."""

from igniteflow_core.schemas.contract import Column, ColumnType, TableContract
from igniteflow_core.schemas.transactions import DECISION_COLUMNS

_COUNTS: tuple[tuple[str, ColumnType, str], ...] = (
    ("transactions", "bigint", "With a known label"),
    ("frauds", "bigint", "Among them"),
    ("reviewed", "bigint", "Transactions that the policy reviews"),
    ("declined", "bigint", "Transactions that the policy declines"),
    ("caught_frauds", "bigint", "Frauds that are reviewed or declined"),
    ("missed_frauds", "bigint", "Frauds that are approved"),
    ("caught_amount", "double", "Of the frauds that are reviewed or declined"),
    ("missed_amount", "double", "Of the frauds that are approved"),
    ("genuine_declined", "bigint", "Genuine transactions that are declined"),
    ("bothered_customers", "bigint", "With a genuine transaction that is reviewed or declined"),
    ("cost", "double", "Amounts of missed frauds, reviews, and genuine transactions declined"),
)

DECISION_BACKTEST = TableContract(
    name="decision_backtest",
    description="What the present decision policy and the changed one make of the last days whose "
    "labels are known",
    columns=(
        Column(name="event_date", type="date", description="Day of the transactions"),
        Column(name="policy", type="string", description="present or changed"),
        *(column for column in DECISION_COLUMNS if column.name.startswith("policy_")),
        *(
            Column(
                name=name,
                type=type_,
                unit="source currency" if type_ == "double" else None,
                description=description,
            )
            for name, type_, description in _COUNTS
        ),
    ),
    key=("event_date", "policy"),
)
