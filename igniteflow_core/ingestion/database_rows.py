"""Rows of a table or query of a database, which Spark reads by JDBC."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import (
    EnvironmentSetupError,
    IgniteFlowError,
    SourceUnreachableError,
    UnreadableSourceError,
)
from igniteflow_core.ingestion.files import DeliveredFile
from igniteflow_core.ingestion.layout import Layout
from igniteflow_core.ingestion.typed_rows import typed_layout

_NO_DRIVER = ("No suitable driver", "ClassNotFoundException")
_NO_ANSWER = (
    "java.net.ConnectException",
    "java.net.UnknownHostException",
    "java.net.SocketException",
    "java.net.SocketTimeoutException",
    "SQLNonTransientConnectionException",
    "SQLTransientConnectionException",
)


def database_place(source: SourceSettings) -> str:
    """The database and its table or query, as ``source_file`` of the rows names them."""
    return f"{source.path} {source.table or f'({source.query})'}"


def database_layout(spark: SparkSession, source: SourceSettings, place: DeliveredFile) -> Layout:
    """The layout of the table or query of the settings; its rows are read lazily.

    Raises:
        EnvironmentSetupError: no driver for the database is installed.
        SourceUnreachableError: the database does not respond.
        UnreadableSourceError: the database rejects the user, the table or the query.
    """
    query = (source.query or "").rstrip().rstrip(";")
    read = source.table or f"({query}) delivered"
    # A time without a zone is in the source's zone, not in the machine's.
    options = {"preferTimestampNTZ": "true", **source.options, "url": source.path, "dbtable": read}
    with _asking(place.path):
        frame = spark.read.format("jdbc").options(**options).load()
    return typed_layout(frame, F.lit(place.uri), [place])


@contextmanager
def _asking(place: str) -> Iterator[None]:
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        # The context of PySpark's error is Java's own error with its causes.
        raise _of_database(place, str(error.__context__ or error)) from error


def _of_database(place: str, text: str) -> IgniteFlowError:
    stated = re.search(r"^.*\b\w*SQL\w*Exception: (.*)$", text, re.MULTILINE)
    reason = (stated[1] if stated else text.strip().splitlines()[0])[:500]
    if any(words in text for words in _NO_DRIVER):
        return EnvironmentSetupError(
            f"no driver for this database is installed: {reason}",
            where=place,
            fix="add the driver's Maven package to spark.packages, such as "
            "com.mysql:mysql-connector-j:9.4.0, and run: igniteflow setup",
        )
    if any(words in text for words in _NO_ANSWER):
        return SourceUnreachableError(
            f"the database does not respond: {reason}",
            where=place,
            fix="check that it runs and can be reached, or correct the source's path in the "
            "settings",
        )
    return UnreadableSourceError(
        f"the database rejects the request: {reason}",
        where=place,
        fix="correct the source's table, query or options (user, password) in the settings, or "
        "grant the user read access",
    )
