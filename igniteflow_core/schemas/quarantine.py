"""The contract of the rows that a table refused."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.delivery import (
    REASONS_COLUMN,
    ROW_TEXT_COLUMN,
    SOURCE_FILE_COLUMN,
)


def quarantine_of(contract: TableContract) -> TableContract:
    """Rows delivered for ``contract`` that are not in it: as delivered, and every reason why."""
    return TableContract(
        name=f"quarantined_{contract.name}",
        description=f"Rows delivered that are not in {contract.name}, with every reason why",
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
