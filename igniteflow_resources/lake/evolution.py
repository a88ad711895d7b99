"""Schema evolution of tables that an earlier version has written with other columns."""

from dagster import TableColumn
from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from igniteflow_core.errors import DataContractError
from igniteflow_core.schemas.contract import TableContract


def prepare_table(session: SparkSession, path: str, contract: TableContract) -> None:
    """Create the contract's table if it does not exist, and add its missing columns.

    Raises:
        DataContractError: a column has another type in the table.
    """
    columns = session.createDataFrame([], contract.ddl).schema
    builder = (
        DeltaTable.createIfNotExists(session)
        .location(path)
        .addColumns(columns)
        .property("delta.appendOnly", str(contract.append_only).lower())
    )
    if contract.partition_by:
        builder = builder.partitionedBy(contract.partition_by)
    builder.execute()
    add_missing_columns(session, path, columns)


def add_missing_columns(session: SparkSession, path: str, schema: StructType) -> None:
    """Add the schema's missing columns to the table; they are null in existing rows.

    Columns of the table that are not in the schema are kept and are null in new rows.

    Args:
        session: a session with Delta.
        path: path of an existing table.
        schema: schema of the rows that will be written.

    Raises:
        DataContractError: a column has another type in the table.
    """
    current = DeltaTable.forPath(session, path).toDF().schema
    retyped = retyped_columns(current, schema)
    if retyped:
        raise DataContractError(
            f"the table stores {', '.join(retyped)}",
            where=path,
            fix="write the whole table in one run (all days of a partitioned table), which changes "
            "the types; for an append-only table, choose another column name",
        )
    names = set(current.names)
    missing = [field for field in schema.fields if field.name not in names]
    if missing:
        columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in missing)
        session.sql(f"ALTER TABLE delta.`{path}` ADD COLUMNS ({columns})")


def retyped_columns(current: StructType, schema: StructType) -> list[str]:
    """Return the columns whose types differ, each as "amount as string instead of double"."""
    types = {field.name: field.dataType.simpleString() for field in current.fields}
    return [
        f"{field.name} as {types[field.name]} instead of {field.dataType.simpleString()}"
        for field in schema.fields
        if types.get(field.name, field.dataType.simpleString()) != field.dataType.simpleString()
    ]


def with_columns(frame: DataFrame, expected: list[TableColumn]) -> DataFrame:
    """Add the expected columns that the frame does not have, filled with null."""
    for column in expected:
        if column.name not in frame.columns:
            frame = frame.withColumn(column.name, F.lit(None).cast(column.type))
    return frame
