"""Rows in blocks: the passes exchange their rows as blocks, many rows in one cell of a Spark row.

Spark moves, sorts and converts row by row, which costs more than the features themselves. A block
contains the rows of one bucket of entities as an Arrow stream, so Spark processes a few hundred
rows whatever the size of the table.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from igniteflow_core.arrow_bytes import table_from_bytes, table_to_bytes
from igniteflow_core.features.windows import Ints

BLOCK_SCHEMA = "bucket INT, block BINARY"
"""The columns of a Spark row that carries a block."""

_ARROW_SCHEMA = pa.schema([("bucket", pa.int32()), ("block", pa.binary())])


def to_blocks(table: pa.Table, bucket: Ints) -> pa.RecordBatch:
    """The rows split by bucket, one block per bucket, each in the order of the table.

    Args:
        table: any columns.
        bucket: bucket number of each row, 0 or more, shape (rows,).
    """
    ordered = table.take(pa.array(np.argsort(bucket, kind="stable"))).combine_chunks()
    rows = np.bincount(bucket)
    numbers = np.flatnonzero(rows)
    ends = np.cumsum(rows)[numbers]
    blocks = [
        table_to_bytes(ordered.slice(end - rows[number], rows[number]))
        for number, end in zip(numbers, ends, strict=True)
    ]
    return pa.record_batch(
        [pa.array(numbers, pa.int32()), pa.array(blocks, pa.binary())], schema=_ARROW_SCHEMA
    )


def whole_buckets(batches: Iterator[pa.RecordBatch], chunk_rows: int) -> Iterator[pa.Table]:
    """The rows of consecutive buckets, as tables that split no bucket.

    Args:
        batches: Spark rows as BLOCK_SCHEMA, sorted by bucket; a column that only some blocks have
            is null in the rows of the others.
        chunk_rows: a table ends with the bucket that reaches this many rows.
    """
    held: list[pa.Table] = []
    current = -1
    for batch in batches:
        for number, block in zip(batch["bucket"].to_pylist(), batch["block"], strict=True):
            if number != current and sum(table.num_rows for table in held) >= chunk_rows:
                yield _together(held)
                held = []
            current = number
            held.append(table_from_bytes(block.as_buffer()))
    if held:
        yield _together(held)


def chunks(batches: Iterator[pa.RecordBatch], chunk_rows: int) -> Iterator[pa.Table]:
    """The batches joined to tables of at least ``chunk_rows`` rows; only the last may have fewer.

    Args:
        batches: batches of one schema.
        chunk_rows: minimum number of rows of a table.
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= chunk_rows:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def bucket_numbers(table: pa.Table, column: str) -> Ints:
    """A column of bucket numbers."""
    numbers: Ints = pc.cast(table[column], pa.int64()).to_numpy()
    return numbers


def _together(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="default").combine_chunks()
