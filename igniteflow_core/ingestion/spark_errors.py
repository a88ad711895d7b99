"""Translates Spark's errors about the files of a source."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException

from igniteflow_core.errors import SourceNotDeliveredError, UnreadableSourceError
from igniteflow_core.ingestion.text_rows import zstandard

_NOT_THERE = {"PATH_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST", "DELTA_TABLE_NOT_FOUND"}
_READ_ERRORS = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "Could not read file")
# A corrupt Parquet dictionary is detected only after the scan, when a value is used.
_OF_A_FILE = (*_READ_ERRORS, "ParquetDictionary.decode")


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Translates Spark's errors about a file into IgniteFlow's.

    Spark reads lazily, so use it around the query's execution as well as around its definition.
    """
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() in _NOT_THERE:
            raise not_delivered(path) from error
        raise unreadable(path, error) from error
    except (PySparkException, Py4JJavaError) as error:
        if "URISyntaxException" in str(error):
            raise UnreadableSourceError(
                f"a file has a name that cannot be read: {_first_line(error)}",
                where=path,
                fix="rename the file: a name must not contain a colon",
            ) from error
        if "INVALID_PARAMETER_VALUE.CHARSET" in str(error):
            raise UnreadableSourceError(
                "Java does not support the source's encoding",
                where=path,
                fix="use an encoding that Java supports, such as utf-8, latin1 or cp1252",
            ) from error
        if any(words in str(error) for words in _OF_A_FILE):
            raise unreadable(path, error) from error
        raise


def not_delivered(path: str) -> SourceNotDeliveredError:
    """The error for a path under which there is no file."""
    return SourceNotDeliveredError(
        "the source has not been delivered",
        where=path,
        fix="deliver the file, or correct sources.root and the source's path in the settings",
    )


def unreadable(path: str, error: Exception) -> UnreadableSourceError:
    """The error for a file that does not have the format of the settings."""
    if "native zStandard library" in str(error):
        return zstandard(path)
    reason = _first_line(error, *_READ_ERRORS, "Job aborted", "Caused by")
    return UnreadableSourceError(
        f"the source cannot be read: {reason}",
        where=path,
        fix="have the file delivered again, or correct the source's format in the settings",
    )


def _first_line(error: Exception, *preferred: str) -> str:
    """The first line of the error with one of these words, or else its first line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return next((line for line in lines if any(words in line for words in preferred)), lines[0])[
        :500
    ]
