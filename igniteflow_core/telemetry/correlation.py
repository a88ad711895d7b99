"""The correlation id that ties together the log lines and spans of one request or batch."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_current: ContextVar[str | None] = ContextVar("correlation_id", default=None)


def correlation_id() -> str | None:
    """The id of the request or batch that this code runs for, or None."""
    return _current.get()


def accepted_correlation_id(offered: str | None) -> str:
    """The caller's id if it is safe in logs and headers, otherwise a new one."""
    if offered and _ACCEPTED.fullmatch(offered):
        return offered
    return uuid.uuid4().hex


@contextmanager
def correlated(identifier: str) -> Iterator[None]:
    """All log lines of the block have the id; other threads and tasks are not affected."""
    token = _current.set(identifier)
    try:
        yield
    finally:
        _current.reset(token)
