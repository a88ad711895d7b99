"""Classifies errors of the platform and of libraries as retryable or permanent by their cause."""

import errno
from collections.abc import Iterator
from typing import Final

import requests
from py4j.protocol import Py4JNetworkError
from sqlalchemy.exc import InterfaceError, OperationalError

from igniteflow_core.errors import IgniteFlowError, RetryableError
from igniteflow_resources.lake.tables import CONFLICTS

_LOST: Final = (
    # A socket error; also raised if the process of Spark's driver has ended.
    ConnectionError,
    TimeoutError,
    requests.ConnectionError,
    requests.Timeout,
    Py4JNetworkError,
    InterfaceError,
    OperationalError,
    *CONFLICTS,
)

# Errors that Spark's Java code, MLflow and AWS identify only in their message.
_LOST_BY_NAME: Final = (
    *(conflict.__name__ for conflict in CONFLICTS),
    "ExecutorLostFailure",
    "FetchFailed",
    "java.net.ConnectException",
    "java.net.SocketException",
    "java.net.SocketTimeoutException",
    # Errors that Hadoop's own S3ARetryPolicy retries.
    "org.apache.hadoop.fs.s3a.AWSApiCallTimeoutException",
    "org.apache.hadoop.fs.s3a.AWSClientIOException",
    "org.apache.hadoop.fs.s3a.AWSNoResponseException",
    "org.apache.hadoop.fs.s3a.AWSServiceThrottledException",
    "org.apache.hadoop.fs.s3a.AWSStatus500Exception",
    "org.apache.hadoop.fs.s3a.HttpChannelEOFException",
    "org.apache.hadoop.net.ConnectTimeoutException",
    "SparkContext was shut down",
    "SparkContext has been shutdown",
    "stopped SparkContext",
    "Error while sending or receiving",
    "Could not connect to the endpoint URL",
    "Connection was closed before we received a valid response",
    "failed with error code 5",
    "too many 5",
    "TEMPORARILY_UNAVAILABLE",
)

FULL_DISK: Final = ("No space left on device", "disk is full", "Disk quota exceeded")
"""Messages of full-disk errors; retrying does not help until an operator frees space."""


def is_retryable(error: BaseException) -> bool:
    """Return whether the same call may succeed later without a change of input, settings or code.

    An error of the platform defines this by its class. An error of a library is retryable if its
    cause is a lost server, connection or process, or a conflict with another writer. A full disk
    is not retryable.
    """
    if is_of_full_disk(error):
        return False
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, IgniteFlowError):
            return isinstance(link, RetryableError)
    return any(
        isinstance(link, _LOST) or any(name in str(link) for name in _LOST_BY_NAME)
        for link in chain
    )


def is_of_full_disk(error: BaseException) -> bool:
    """Return whether the error, or an error that it was raised from, reports a full disk."""
    return any(
        (isinstance(link, OSError) and link.errno in {errno.ENOSPC, errno.EDQUOT})
        or any(words in str(link) for words in FULL_DISK)
        for link in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and the errors that it was raised from, outermost first."""
    visited: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in visited:
        visited.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
