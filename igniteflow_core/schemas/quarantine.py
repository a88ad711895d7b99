"""The contract of a table's rejected rows."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.delivery import (
    REASONS_COLUMN,
    ROW_TEXT_COLUMN,
    SOURCE_FILE_COLUMN,
)


def quarantine_of(contract: TableContract) -> TableContract:
    """The rejected rows of ``contract``, as delivered, with the reasons."""
    return TableContract(
        name=f"quarantined_{contract.name}",
        description=f"Rows rejected from {contract.name}, with every reason",
        columns=(
            *(
                Column(name=name, type="string", nullable=True, description=f"{name}, as delivered")
                for name in contract.column_names
            ),
            SOURCE_FILE_COLUMN,
            ROW_TEXT_COLUMN,
            REASONS_COLUMN,
        ),
        key=(),
    )
