"""Atomically written Parquet files."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from igniteflow_core.schemas.contract import TableContract

_ARROW_TYPES = {
    "string": pa.string(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "array<string>": pa.list_(pa.string()),
}


def write_source(
    frame: pd.DataFrame, contract: TableContract, columns: Sequence[str], path: Path
) -> None:
    """Write ``columns`` of ``frame`` with the types of ``contract``; replaces ``path`` at once.

    The same frame gives the same bytes. Raises OSError if the folder cannot be written.
    """
    schema = pa.schema([(name, _ARROW_TYPES[contract.column(name).type]) for name in columns])
    table = pa.Table.from_pandas(frame[list(columns)], schema=schema, preserve_index=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table.replace_schema_metadata(None), unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
