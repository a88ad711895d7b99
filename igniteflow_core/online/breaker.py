"""When to ask a server again that has not answered."""

import time
from collections.abc import Callable
from typing import Final

_FAILURES: Final = 5
"""In a row; fewer are a slow moment, which is no reason to refuse anybody else."""

_PAUSE_SECONDS: Final = 1.0


class CircuitBreaker:
    """Spares callers the wait for a server that is away (M. Nygard, *Release It!*, 2007).

    After five failures in a row one call a second is let through to see whether it is back, and
    the first that is answered opens the way for all.

    Args:
        clock: seconds, ever rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._next_try = 0.0

    def lets_through(self) -> bool:
        """Whether this call may ask."""
        if self._failures < _FAILURES:
            return True
        if self._clock() < self._next_try:
            return False
        self._pause()
        return True

    def failed(self) -> None:
        """A call was not answered."""
        self._failures += 1
        self._pause()

    def answered(self) -> None:
        """A call was answered."""
        self._failures = 0

    def _pause(self) -> None:
        self._next_try = self._clock() + _PAUSE_SECONDS
