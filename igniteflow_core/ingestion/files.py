"""The files of a delivery: their paths, and their first and last bytes."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any
from urllib.parse import unquote

from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from igniteflow_core.errors import UnreadableSourceError
from igniteflow_core.ingestion.spark_errors import not_delivered, reading, unreadable

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_NO_END = 2**62
_SKIPPED_AT_ONCE = 2**30
_SPECIAL_IN_PATTERN = "\\{}[]*?"
_CREATION = Lock()


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery.

    Attributes:
        uri: URI as ``igniteflow_core.ingestion.layout.file_uri`` returns it.
        path: human-readable path.
        size: size in bytes.
        day: day that it was delivered for; None for a source without days.
        partitions: partition values in its path, such as ``country=DE/part.parquet``.
    """

    uri: str
    path: str
    size: int
    day: date | None = None
    partitions: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def pattern(self) -> str:
        """The path with its special characters escaped, as Spark's readers take paths."""
        return "".join(f"\\{each}" if each in _SPECIAL_IN_PATTERN else each for each in self.path)


@dataclass(frozen=True)
class ParquetSchema:
    """The schema in the footer of a Parquet file.

    Attributes:
        text: the whole schema, equal for files with the same columns.
        nanoseconds: for each column of times in nanoseconds, whether they are instants.
    """

    text: str
    nanoseconds: Mapping[str, bool]


class FileSystem:
    """Hadoop's file systems, local or remote, with the credentials of the Spark session.

    Args:
        spark: the session.
    """

    def __init__(self, spark: SparkSession) -> None:
        context = spark.sparkContext
        # PySpark has no public way to list files, or to read the first bytes of one.
        self._hadoop: Any = context._jvm.org.apache.hadoop  # type: ignore[union-attr]
        self._parquet: Any = context._jvm.org.apache.parquet  # type: ignore[union-attr]
        self._conf: Any = context._jsc.hadoopConfiguration()

    def files(self, pattern: str, day: date | None = None) -> list[DeliveredFile]:
        """Every file at the path or pattern, or in a folder there, by path.

        Names that begin with ``_`` or ``.`` are not data, by Hadoop's convention.

        Raises:
            SourceNotDeliveredError: there is no file.
            UnreadableSourceError: a name cannot be read, or no file is a data file.
        """
        with reading(pattern):
            path = self._hadoop.fs.Path(pattern)
            system = self._system(path)
            # A path that exists literally is not a pattern, whatever characters it contains.
            roots = [system.getFileStatus(path)] if system.exists(path) else system.globStatus(path)
            files = [
                _delivered(each, root.getPath().toString(), day)
                for root in roots or ()
                for each in _below(system, root)
            ]
        if not files and roots:
            hidden = [str(each.getPath().getName()) for each in roots if not each.isDirectory()]
            if hidden:
                raise UnreadableSourceError(
                    f"{hidden[0]!r} is not named like a data file: Spark ignores names that begin "
                    "with _ or . or end with ._COPYING_",
                    where=pattern,
                    fix="rename the file once it is complete",
                )
        if not files:
            raise not_delivered(pattern)
        return sorted(files, key=lambda file: file.path)

    def head(self, file: DeliveredFile, size: int) -> bytes:
        """The first bytes of the file, decompressed, at most ``size``.

        Raises:
            UnreadableSourceError: it cannot be opened or decompressed.
        """
        with self._opened(file) as (stream, decompressed):
            return bytes(decompressed(stream).readNBytes(size))

    def tail(self, file: DeliveredFile, size: int) -> bytes:
        """The last bytes of the file, decompressed, at most ``size``.

        A compressed file is decompressed twice for it, since its end cannot be found otherwise.

        Raises:
            UnreadableSourceError: it cannot be opened or decompressed.
        """
        if self._codec(file) is None:
            with self._opened(file) as (stream, _):
                stream.seek(max(file.size - size, 0))
                return bytes(stream.readNBytes(size))
        length = self._decompressed_size(file)
        with self._opened(file) as (stream, decompressed):
            content = decompressed(stream)
            _skip(content, max(length - size, 0))
            return bytes(content.readNBytes(size))

    def _decompressed_size(self, file: DeliveredFile) -> int:
        with self._opened(file) as (stream, decompressed):
            return _skip(decompressed(stream), _NO_END)

    def parquet_schema(self, file: DeliveredFile) -> ParquetSchema:
        """The schema in the footer of a Parquet file.

        Raises:
            UnreadableSourceError: the file has no valid footer.
        """
        try:
            path = self._hadoop.fs.Path(file.path)
            source = self._parquet.hadoop.util.HadoopInputFile.fromPath(path, self._conf)
            reader = self._parquet.hadoop.ParquetFileReader.open(source)
            try:
                schema = reader.getFileMetaData().getSchema()
            finally:
                reader.close()
        except Py4JJavaError as error:
            raise unreadable(file.path, error) from error
        times = {
            str(each.getName()): str(each.getLogicalTypeAnnotation()) for each in schema.getFields()
        }
        return ParquetSchema(
            text=str(schema),
            nanoseconds={name: "true" in time for name, time in times.items() if "NANOS" in time},
        )

    @contextmanager
    def _opened(self, file: DeliveredFile) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
        path = self._hadoop.fs.Path(file.path)
        codec = self._codec(file)
        try:
            stream = self._system(path).open(path)
            try:
                yield stream, codec.createInputStream if codec is not None else lambda same: same
            finally:
                stream.close()
        except Py4JJavaError as error:
            raise unreadable(file.path, error) from error

    def _system(self, path: JavaObject) -> Any:  # noqa: ANN401 - an object of the JVM
        # If two threads create a file system at the same time, Hadoop closes one of them, and with
        # it the AWS credentials that the other shares, which could then no longer read anything.
        with _CREATION:
            return path.getFileSystem(self._conf)

    def _codec(self, file: DeliveredFile) -> JavaObject | None:
        factory = self._hadoop.io.compress.CompressionCodecFactory(self._conf)
        return factory.getCodec(self._hadoop.fs.Path(file.path))


def _skip(stream: JavaObject, count: int) -> int:
    """Skip that many bytes, or up to the end of the stream, and return the number of skipped bytes.

    Hadoop's streams count skipped bytes in 32 bits.
    """
    skipped = 0
    while skipped < count:
        step = int(stream.skip(min(count - skipped, _SKIPPED_AT_ONCE)))
        if step <= 0:
            break
        skipped += step
    return skipped


def _below(system: JavaObject, status: JavaObject) -> Iterator[JavaObject]:
    if not status.isDirectory():
        if not _is_hidden(status):
            yield status
        return
    for child in system.listStatus(status.getPath()):
        if not _is_hidden(child):
            yield from _below(system, child)


def _is_hidden(status: JavaObject) -> bool:
    name = str(status.getPath().getName())
    return name.startswith(("_", ".")) or name.endswith("._COPYING_")


def _delivered(status: JavaObject, root: str, day: date | None) -> DeliveredFile:
    path = status.getPath()
    text = str(path.toString())
    folders = text.removeprefix(root).split("/")[:-1]
    pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
    partitions = {
        name: None if value == _NULL_PARTITION else unquote(value) for name, value in pairs
    }
    # Java writes ``file:`` before one slash or three.
    uri = re.sub("^file:/+", "file:/", str(path.toUri().toString()))
    return DeliveredFile(uri, text, int(status.getLen()), day, partitions)
