"""A circuit breaker for a server that does not respond."""

import time
from collections.abc import Callable
from typing import Final

_FAILURES: Final = 5
"""Consecutive failures that open the breaker; fewer may be a short delay."""

_PAUSE_SECONDS: Final = 1.0


class CircuitBreaker:
    """Fails calls early while a server is unavailable (M. Nygard, *Release It!*, 2007).

    After five consecutive failures one call per second is let through as a probe, and the first
    response closes the breaker for all calls.

    Args:
        clock: monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._next_try = 0.0

    def lets_through(self) -> bool:
        """Whether this call may be made."""
        if self._failures < _FAILURES:
            return True
        if self._clock() < self._next_try:
            return False
        self._pause()
        return True

    def failed(self) -> None:
        """Record a call without a response."""
        self._failures += 1
        self._pause()

    def answered(self) -> None:
        """Record a call with a response."""
        self._failures = 0

    def _pause(self) -> None:
        self._next_try = self._clock() + _PAUSE_SECONDS
