"""Whether what failed may succeed later: the cause of an error, be it ours or a library's."""

import errno
from collections.abc import Iterator
from typing import Final

import requests
from py4j.protocol import Py4JNetworkError
from sqlalchemy.exc import InterfaceError, OperationalError

from igniteflow_core.errors import IgniteFlowError, RetryableError
from igniteflow_resources.lake.tables import CONFLICTS

_LOST: Final = (
    # Of a socket: also Spark's driver, whose process has gone.
    ConnectionError,
    TimeoutError,
    requests.ConnectionError,
    requests.Timeout,
    Py4JNetworkError,
    InterfaceError,
    OperationalError,
    *CONFLICTS,
)

# What Spark's Java, MLflow and AWS say in words only.
_LOST_BY_NAME: Final = (
    *(conflict.__name__ for conflict in CONFLICTS),
    "ExecutorLostFailure",
    "FetchFailed",
    "java.net.ConnectException",
    "java.net.SocketException",
    "java.net.SocketTimeoutException",
    # What Hadoop itself tries again, in its S3ARetryPolicy.
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
"""Words of every error of a full disk, where waiting does not help: somebody has to make room."""


def is_retryable(error: BaseException) -> bool:
    """Whether the same call may succeed later, without a change of input, settings or code.

    Our own error says so itself; of others, those count whose cause is a server, a connection or
    a process that was lost, or another writer who came first. A full disk does not pass by itself.
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
    """Whether the error, or one that it was raised from, is that a disk has no space left."""
    return any(
        (isinstance(link, OSError) and link.errno in {errno.ENOSPC, errno.EDQUOT})
        or any(words in str(link) for words in FULL_DISK)
        for link in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
