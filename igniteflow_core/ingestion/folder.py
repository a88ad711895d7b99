"""A folder of files that are written, wherever it lies."""

from typing import Any

from pyspark.sql import SparkSession

_WRITTEN_AT_ONCE = 2**20


class Folder:
    """A folder as Hadoop sees it, by the credentials of the Spark session.

    Args:
        spark: the session.
        path: of the folder, which need not be there.
    """

    def __init__(self, spark: SparkSession, path: str) -> None:
        context = spark.sparkContext
        # PySpark has no public way to write a file.
        self._hadoop: Any = context._jvm.org.apache.hadoop  # type: ignore[union-attr]
        self._path = self._hadoop.fs.Path(path)
        self._system: Any = self._path.getFileSystem(context._jsc.hadoopConfiguration())

    def names(self) -> list[str]:
        """The names of what is in it, in order; none if it is not there."""
        if not self._system.exists(self._path):
            return []
        return sorted(str(each.getPath().getName()) for each in self._system.listStatus(self._path))

    def read(self, name: str) -> bytes:
        """The content of a file."""
        stream = self._system.open(self._file(name))
        try:
            return bytes(stream.readAllBytes())
        finally:
            stream.close()

    def write(self, name: str, content: bytes) -> None:
        """Write a file, in the place of one of that name; it is there as a whole or not at all."""
        file = self._file(name)
        # By its name no data.
        unfinished = self._file(f"_unfinished-{name}")
        stream = self._system.create(unfinished, True)
        try:
            for begin in range(0, len(content), _WRITTEN_AT_ONCE):
                stream.write(content[begin : begin + _WRITTEN_AT_ONCE])
        finally:
            stream.close()
        # A file is not renamed onto another.
        self._system.delete(file, False)
        if not self._system.rename(unfinished, file):
            raise OSError(f"a file cannot be renamed to {file.toString()}")

    def clear(self) -> None:
        """Delete it with all that it holds."""
        self._system.delete(self._path, True)

    def _file(self, name: str) -> Any:  # noqa: ANN401 - an object of the JVM
        return self._hadoop.fs.Path(self._path, name)
