"""Peculiarities of text files: compression, rows before the header, repeated names."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from igniteflow_core.errors import UnreadableSourceError

Batches = Iterator[pa.RecordBatch]


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """The names without surrounding white space; repeated names get a number as suffix.

    All columns of a repeated name get a number, so that no name is ambiguous: amount (1),
    amount (2).
    """
    names = [name.strip() for name in header]
    times = Counter(names)
    numbers: Counter[str] = Counter()
    numbered = []
    for name in names:
        numbers[name] += 1
        numbered.append(f"{name} ({numbers[name]})" if times[name] > 1 else name)
    return tuple(numbered)


def zstandard(path: str) -> UnreadableSourceError:
    """The error for a file that Hadoop cannot decompress without native libraries."""
    return UnreadableSourceError(
        "the file is compressed by Zstandard, which Spark cannot read here",
        where=path,
        fix="have it delivered as text, or compressed by gzip or bzip2, or as Parquet",
    )


def without_first_rows(count: int, file_column: str) -> Callable[[Batches], Batches]:
    """Skips that many rows at the beginning of each file.

    The rows of a file must be consecutive in one partition, as they are in multi-line text that
    Spark reads, and have their file in ``file_column``.
    """

    def run(batches: Batches) -> Batches:
        file, skipped = None, 0
        for batch in batches:
            kept = []
            for row, uri in enumerate(batch[file_column].to_pylist()):
                if uri != file:
                    file, skipped = uri, 0
                if skipped < count:
                    skipped += 1
                else:
                    kept.append(row)
            yield batch.take(pa.array(kept, pa.int64()))

    return run
