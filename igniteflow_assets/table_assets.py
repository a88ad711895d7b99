"""Creates assets and outputs from table contracts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from igniteflow_assets.automation import Condition
from igniteflow_assets.partitions import daily, one_run_for_all_days
from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_resources.lake.io_manager import PARTITION_COLUMN


def column_schema(contract: TableContract) -> dg.TableSchema:
    """Return the columns as a Dagster table schema, with units in the descriptions."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=_description(column),
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable, unique=contract.key == (column.name,)
                ),
            )
            for column in contract.columns
        ]
    )


def table_asset(
    contract: TableContract,
    *,
    ins: Mapping[str, dg.AssetIn] | None = None,
    deps: Sequence[str] = (),
    automation_condition: Condition | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return an ``@asset`` decorator with the contract's name, description and partitions."""
    days: dict[str, Any] = (
        {"partitions_def": daily, "backfill_policy": one_run_for_all_days}
        if contract.partition_by
        else {}
    )

    def decorate(compute: Callable[..., Any]) -> dg.AssetsDefinition:
        return dg.asset(
            compute,
            name=contract.name,
            description=contract.description,
            metadata=_metadata(contract),
            kinds={"spark", "delta"},
            ins=ins,
            deps=deps,
            automation_condition=automation_condition,
            **days,
        )

    return decorate


def output_of(contract: TableContract, *, is_written_by_the_asset: bool = False) -> dg.AssetOut:
    """Return an output of ``@multi_asset`` for the table.

    A table that the asset writes itself, such as an append-only table, is yielded as None.
    """
    unwritten: dict[str, Any] = {"dagster_type": dg.Nothing} if is_written_by_the_asset else {}
    return dg.AssetOut(
        description=contract.description,
        metadata=_metadata(contract),
        kinds={"spark", "delta"},
        **unwritten,
    )


def _metadata(contract: TableContract) -> dict[str, Any]:
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(contract)}
    if contract.partition_by:
        metadata[PARTITION_COLUMN] = contract.partition_by
    return metadata


def _description(column: Column) -> str:
    return f"{column.description} ({column.unit})" if column.unit else column.description
