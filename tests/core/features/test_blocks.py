"""Blocks hand rows on without losing, splitting or mixing any."""

import numpy as np
import pyarrow as pa

from igniteflow_core.features.blocks import chunks, to_blocks, whole_buckets


def table(rows: int, start: int = 0) -> pa.Table:
    return pa.table({"row": np.arange(start, start + rows), "name": [f"n{i}" for i in range(rows)]})


def by_bucket(*batches: pa.RecordBatch) -> pa.RecordBatch:
    """What Spark's shuffle makes of batches: one sorted by bucket."""
    together = pa.Table.from_batches(batches)
    return together.sort_by("bucket").combine_chunks().to_batches()[0]


def test_rows_come_back_by_bucket_in_their_order():
    bucket = np.array([5, 0, 5, 2, 0])
    batch = to_blocks(table(5), bucket)
    assert batch["bucket"].to_pylist() == [0, 2, 5]
    (result,) = whole_buckets(iter([by_bucket(batch)]), chunk_rows=100)
    assert result["row"].to_pylist() == [1, 4, 3, 0, 2]
    assert result["name"].to_pylist() == ["n1", "n4", "n3", "n0", "n2"]


def test_a_table_ends_with_the_bucket_that_fills_it_and_splits_none():
    bucket = np.repeat([0, 1, 2, 3], [3, 5, 1, 4])
    first, second = to_blocks(table(13), bucket), to_blocks(table(13, start=100), bucket)
    batch = by_bucket(first, second)
    pieces = [batch.slice(at, 1) for at in range(batch.num_rows)]
    tables = list(whole_buckets(iter(pieces), chunk_rows=12))
    held = [sorted(set(bucket[each["row"].to_numpy() % 100])) for each in tables]
    assert held == [[0, 1], [2, 3]]
    assert sorted(n for each in tables for n in each["row"].to_pylist()) == [
        *range(13),
        *range(100, 113),
    ]


def test_a_column_of_some_blocks_is_null_in_the_rest():
    bucket = np.zeros(2, dtype=np.int64)
    wide = table(2).append_column("feature", pa.array([0.5, 1.5]))
    batch = by_bucket(to_blocks(table(2, start=10), bucket), to_blocks(wide, bucket))
    (result,) = whole_buckets(iter([batch]), chunk_rows=1)
    values = dict(zip(result["row"].to_pylist(), result["feature"].to_pylist(), strict=True))
    assert values == {0: 0.5, 1: 1.5, 10: None, 11: None}


def test_chunks_join_batches_until_there_are_rows_enough():
    batches = table(10).to_batches(max_chunksize=2)
    assert [each.num_rows for each in chunks(iter(batches), chunk_rows=3)] == [4, 4, 2]


def test_nothing_gives_nothing():
    assert to_blocks(table(0), np.empty(0, dtype=np.int64)).num_rows == 0
    assert list(whole_buckets(iter([]), chunk_rows=1)) == []
    assert list(chunks(iter([]), chunk_rows=1)) == []
