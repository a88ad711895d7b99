"""Which failed requests are retried, and after which delay."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from tenacity import RetryCallState, wait_random_exponential

from igniteflow_core.errors import SourceUnreachableError

TRIES: Final = 6
TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of transient failures."""

_LONGEST_WAIT_SECONDS = 900.0
_back_off = wait_random_exponential(multiplier=1, max=60)


class AwayError(SourceUnreachableError):
    """A transient failure of a request.

    Args:
        what: see ``IgniteFlowError``.
        where: see ``IgniteFlowError``.
        wait_seconds: delay that the server requests, if any.
    """

    def __init__(self, what: str, *, where: str, wait_seconds: float | None = None) -> None:
        asks = "" if wait_seconds is None else f"; it asks to wait for {wait_seconds:.0f} seconds"
        super().__init__(
            f"the API does not respond: {what}{asks}",
            where=where,
            fix="check that it can be reached, lower rest.requests_per_second if it asks for that, "
            "and run again: fetched pages are kept",
        )
        self.wait_seconds = wait_seconds


def may_pass_soon(error: BaseException) -> bool:
    """Whether to retry in this run: the requested delay is at most a quarter of an hour."""
    return isinstance(error, AwayError) and (error.wait_seconds or 0) <= _LONGEST_WAIT_SECONDS


def pause(state: RetryCallState) -> float:
    """Seconds until the next attempt: the requested delay, or else an exponential backoff."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, AwayError) and error.wait_seconds is not None:
        return error.wait_seconds
    return float(_back_off(state))


def wait_seconds(retry_after: str, now: datetime) -> float | None:
    """The seconds of the header ``Retry-After``, given as seconds or a date; None if neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((zoned - now).total_seconds(), 0.0)
