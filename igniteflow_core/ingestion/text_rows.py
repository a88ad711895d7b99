"""What text may be like: its compression, rows before the header, names of the header."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from igniteflow_core.errors import UnreadableSourceError

Batches = Iterator[pa.RecordBatch]


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """The names without white space around them; those that occur twice have their number behind.

    So that a name never means one of several columns, all of them get one: amount (1), amount (2).
    """
    names = [name.strip() for name in header]
    times = Counter(names)
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} ({seen[name]})" if times[name] > 1 else name)
    return tuple(numbered)


def zstandard(path: str) -> UnreadableSourceError:
    """The error for a file whose compression Hadoop cannot undo without libraries of its own."""
    return UnreadableSourceError(
        "the file is compressed by Zstandard, which Spark cannot read here",
        where=path,
        fix="have it delivered as text, or compressed by gzip or bzip2, or as Parquet",
    )


def without_first_rows(count: int, file_column: str) -> Callable[[Batches], Batches]:
    """Leaves so many rows at the beginning of each file behind.

    The rows of a file must follow each other in one partition, as those of text do that Spark reads
    with line breaks in quotes, and name their file in ``file_column``.
    """

    def run(batches: Batches) -> Batches:
        file, passed = None, 0
        for batch in batches:
            kept = []
            for row, uri in enumerate(batch[file_column].to_pylist()):
                if uri != file:
                    file, passed = uri, 0
                if passed < count:
                    passed += 1
                else:
                    kept.append(row)
            yield batch.take(pa.array(kept, pa.int64()))

    return run
