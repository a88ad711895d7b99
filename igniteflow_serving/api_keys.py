"""Authentication by API key, and rate limits per key."""

import hashlib
import hmac
import math
import time
from collections.abc import Callable, Sequence

from igniteflow_core.config.serving import ApiKeySettings
from igniteflow_serving.errors import ApiError

_MINUTE = 60.0


class TokenBucket:
    """Admits ``per_minute`` requests per minute, with bursts of up to one second's share.

    Args:
        per_minute: admitted requests per minute.
        clock: monotonic clock in seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._rate = per_minute / _MINUTE
        self._capacity = max(1.0, self._rate)
        self._tokens = self._capacity
        self._clock = clock
        self._filled_at = clock()

    def seconds_to_wait(self) -> float:
        """Consume a token and return 0, or return the seconds until a token is available."""
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class ApiKeys:
    """Checks the configured API keys. Only hashes are stored, and comparisons are constant-time.

    Args:
        keys: the configured keys; if empty, all callers are admitted.
        clock: monotonic clock in seconds.
    """

    def __init__(
        self, keys: Sequence[ApiKeySettings], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hashes = [(key.name, key.sha256.encode()) for key in keys]
        self._buckets = {key.name: TokenBucket(key.requests_per_minute, clock) for key in keys}

    def admit(self, presented: str | None) -> str | None:
        """Return the name of the caller's key, or None if no keys are configured.

        Raises:
            ApiError: 401 for a missing or unknown key, 429 for a caller above its rate limit.
        """
        if not self._hashes:
            return None
        digest = hashlib.sha256((presented or "").encode()).hexdigest().encode()
        # Compare with all hashes, so that the time does not depend on which one matches.
        matches = [name for name, known in self._hashes if hmac.compare_digest(digest, known)]
        if not presented or not matches:
            raise ApiError(
                401,
                "unauthorized",
                "Send a valid API key in the header X-API-Key",
                headers={"WWW-Authenticate": "ApiKey"},
            )
        wait = self._buckets[matches[0]].seconds_to_wait()
        if wait > 0:
            raise ApiError(
                429,
                "rate_limited",
                "This API key has used up its requests; try again later",
                headers={"Retry-After": str(math.ceil(wait))},
            )
        return matches[0]
