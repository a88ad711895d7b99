"""What becomes of a table that an earlier version has written with other columns."""

from dagster import TableColumn
from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from igniteflow_core.errors import DataContractError
from igniteflow_core.schemas.contract import TableContract


def prepare_table(session: SparkSession, path: str, contract: TableContract) -> None:
    """Create the table of the contract if it is not there, and add the columns that it lacks.

    Raises:
        DataContractError: a column is of another type in the table.
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


def add_missing_columns(session: SparkSession, path: str, wanted: StructType) -> None:
    """Add to the table the columns that it lacks; they are null in the rows that it holds.

    Columns that it has and that are no longer wanted stay, null in new rows.

    Args:
        session: with Delta.
        path: of a table that is there.
        wanted: the columns of what is to be written.

    Raises:
        DataContractError: a column is of another type in the table.
    """
    held = DeltaTable.forPath(session, path).toDF().schema
    retyped = retyped_columns(held, wanted)
    if retyped:
        raise DataContractError(
            f"the table holds {', '.join(retyped)}",
            where=path,
            fix="write the whole table in one run (all days of a partitioned one), which gives it "
            "the new types; a table that only grows needs a column of another name",
        )
    names = set(held.names)
    missing = [field for field in wanted.fields if field.name not in names]
    if missing:
        columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in missing)
        session.sql(f"ALTER TABLE delta.`{path}` ADD COLUMNS ({columns})")


def retyped_columns(held: StructType, wanted: StructType) -> list[str]:
    """The columns of both that differ in type, each as "amount as string instead of double"."""
    types = {field.name: field.dataType.simpleString() for field in held.fields}
    return [
        f"{field.name} as {types[field.name]} instead of {field.dataType.simpleString()}"
        for field in wanted.fields
        if types.get(field.name, field.dataType.simpleString()) != field.dataType.simpleString()
    ]


def with_columns(frame: DataFrame, promised: list[TableColumn]) -> DataFrame:
    """The frame with null in the promised columns that nothing has written yet."""
    for column in promised:
        if column.name not in frame.columns:
            frame = frame.withColumn(column.name, F.lit(None).cast(column.type))
    return frame
