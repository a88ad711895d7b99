"""The files of a delivery: where they lie, and what their first and last bytes are."""

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
        uri: as ``igniteflow_core.ingestion.layout.file_uri`` gives it.
        path: as a person writes it.
        size: bytes.
        day: it was delivered for; None for a source without days.
        partitions: values that folders of its path name, as in ``country=DE/part.parquet``.
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
    """What the footer of a Parquet file says of its columns.

    Attributes:
        text: the whole schema, equal for files that are alike.
        nanoseconds: of columns of times in nanoseconds, whether they are instants.
    """

    text: str
    nanoseconds: Mapping[str, bool]


class FileSystem:
    """Hadoop's view of files, wherever they lie, by the credentials of the Spark session.

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
            SourceNotDeliveredError: there is none.
            UnreadableSourceError: a name cannot be read, or there are only files that are no data.
        """
        with reading(pattern):
            path = self._hadoop.fs.Path(pattern)
            system = self._system(path)
            # A path that exists as it is written is no pattern, whatever characters it holds.
            found = [system.getFileStatus(path)] if system.exists(path) else system.globStatus(path)
            files = [
                _delivered(each, root.getPath().toString(), day)
                for root in found or ()
                for each in _below(system, root)
            ]
        if not files and found:
            hidden = [str(each.getPath().getName()) for each in found if not each.isDirectory()]
            if hidden:
                raise UnreadableSourceError(
                    f"{hidden[0]!r} is by its name no data: Spark passes over names that begin "
                    "with _ or . or end with ._COPYING_",
                    where=pattern,
                    fix="rename the file once it is whole",
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
            UnreadableSourceError: it has no such footer.
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
        # Of two that threads create at the same moment, Hadoop closes one, and with it the AWS
        # credentials that the other one shares: it could read nothing from then on.
        with _CREATION:
            return path.getFileSystem(self._conf)

    def _codec(self, file: DeliveredFile) -> JavaObject | None:
        factory = self._hadoop.io.compress.CompressionCodecFactory(self._conf)
        return factory.getCodec(self._hadoop.fs.Path(file.path))


def _skip(stream: JavaObject, count: int) -> int:
    """Pass over so many bytes, or all up to the end of the stream; the number of those there were.

    Hadoop's streams count what they pass over in 32 bits.
    """
    passed = 0
    while passed < count:
        step = int(stream.skip(min(count - passed, _SKIPPED_AT_ONCE)))
        if step <= 0:
            break
        passed += step
    return passed


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
