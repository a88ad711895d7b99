"""A local or remote folder to which files are written."""

from typing import Any

from pyspark.sql import SparkSession

_WRITTEN_AT_ONCE = 2**20


class Folder:
    """A folder of Hadoop's file systems, with the credentials of the Spark session.

    Args:
        spark: Spark session.
        path: path of the folder, which need not exist.
    """

    def __init__(self, spark: SparkSession, path: str) -> None:
        context = spark.sparkContext
        # PySpark has no public way to write a file.
        self._hadoop: Any = context._jvm.org.apache.hadoop  # type: ignore[union-attr]
        self._path = self._hadoop.fs.Path(path)
        self._system: Any = self._path.getFileSystem(context._jsc.hadoopConfiguration())

    def names(self) -> list[str]:
        """The sorted names of its entries; empty if the folder does not exist."""
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
        """Write a file atomically; an existing file of that name is replaced."""
        file = self._file(name)
        # The leading underscore marks the file as not data.
        unfinished = self._file(f"_unfinished-{name}")
        stream = self._system.create(unfinished, True)
        try:
            for begin in range(0, len(content), _WRITTEN_AT_ONCE):
                stream.write(content[begin : begin + _WRITTEN_AT_ONCE])
        finally:
            stream.close()
        # Hadoop does not rename a file to an existing name.
        self._system.delete(file, False)
        if not self._system.rename(unfinished, file):
            raise OSError(f"a file cannot be renamed to {file.toString()}")

    def clear(self) -> None:
        """Delete the folder with its contents."""
        self._system.delete(self._path, True)

    def _file(self, name: str) -> Any:  # noqa: ANN401 - an object of the JVM
        return self._hadoop.fs.Path(self._path, name)
