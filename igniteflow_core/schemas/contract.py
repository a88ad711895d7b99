"""The contract of a table: its columns, their types and units, and its key."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ColumnType = Literal[
    "string",
    "int",
    "bigint",
    "double",
    "boolean",
    "date",
    "timestamp",
    "array<string>",
    "array<float>",
    "array<double>",
]


class Column(BaseModel):
    """One column of a table; ``type`` is a Spark SQL type name."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: ColumnType
    description: str
    nullable: bool = False
    unit: str | None = None


class TableContract(BaseModel):
    """A table of the lake.

    ``key`` names the columns whose values are unique together, ``partition_by`` the date column
    with the day of the Dagster partition, or None for a table that is written as a whole. Delta
    rejects changes and deletions of rows in an ``append_only`` table.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by: str | None = None
    append_only: bool = False

    @property
    def column_names(self) -> list[str]:
        """The column names in table order."""
        return [column.name for column in self.columns]

    @property
    def ddl(self) -> str:
        """The schema as a Spark DDL string, for ``createDataFrame`` and ``StructType.fromDDL``."""
        return ", ".join(
            f"`{column.name}` {column.type}{'' if column.nullable else ' NOT NULL'}"
            for column in self.columns
        )

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")
