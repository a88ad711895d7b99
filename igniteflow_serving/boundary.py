"""Middleware around all routes: ids, API keys, limits, timeouts, errors, metrics."""

import asyncio
import logging
import time
from dataclasses import dataclass

from opentelemetry import propagate, trace
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from igniteflow_core.errors import IgniteFlowError, RetryableError
from igniteflow_core.telemetry.correlation import accepted_correlation_id, correlated
from igniteflow_core.telemetry.metrics import (
    API_REQUEST_DURATION_SECONDS,
    API_REQUESTS_TOTAL,
)
from igniteflow_serving.api_keys import ApiKeys
from igniteflow_serving.errors import ApiError

CORRELATION_HEADER = "X-Correlation-ID"
_PROBES = frozenset({"/healthz", "/readyz", "/metrics", "/ping"})
_INVOCATIONS = "/invocations"
"""The path that SageMaker calls; SageMaker authenticates the callers itself."""

_log = logging.getLogger("igniteflow.serving")
_tracer = trace.get_tracer("igniteflow.serving")


@dataclass
class _ResponseState:
    status: int = 500
    started: bool = False


class Boundary:
    """The outermost ASGI middleware.

    Args:
        app: application with the routes.
        keys: API keys of the callers.
        paths: paths of the routes; metrics count all other paths under one name.
        open_paths: paths that require no API key, in addition to the probes.
        max_body_bytes: maximum size of a request body.
        timeout_seconds: maximum duration of a request.
        max_concurrent: maximum number of concurrent requests; probes are not limited.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: ApiKeys,
        paths: frozenset[str],
        open_paths: frozenset[str],
        max_body_bytes: int,
        timeout_seconds: float,
        max_concurrent: int,
    ) -> None:
        self._app = app
        self._keys = keys
        self._paths = paths
        self._open_paths = open_paths | _PROBES | {_INVOCATIONS}
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds
        self._max_concurrent = max_concurrent
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; other connection types are passed to the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        path = scope["path"] if scope["path"] in self._paths else "other"
        identifier = accepted_correlation_id(headers.get(CORRELATION_HEADER))
        response = _ResponseState()
        marked = _with_correlation_id(send, identifier, response)
        with (
            correlated(identifier),
            _tracer.start_as_current_span(
                f"{scope['method']} {path}",
                context=propagate.extract(headers) if "traceparent" in headers else None,
                kind=trace.SpanKind.SERVER,
            ) as span,
        ):
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    await self._admitted(scope, receive, marked, headers)
            except Exception as error:
                if response.started:
                    raise
                await _send_error(_api_error(error, path), marked, identifier)
            span.set_attribute("http.response.status_code", response.status)
        labels = (path, scope["method"], str(response.status))
        API_REQUESTS_TOTAL.labels(*labels).inc()
        API_REQUEST_DURATION_SECONDS.labels(*labels).observe(time.perf_counter() - started)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        if scope["path"] not in self._open_paths:
            state = scope.setdefault("state", {})
            state["caller"] = self._keys.admit(headers.get("X-API-Key"))
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_body_bytes:
            raise self._too_large()
        if scope["path"] in _PROBES:
            await self._app(scope, self._limited(receive), send)
            return
        # Queueing would delay all responses; after a fast rejection a client can retry elsewhere.
        if self._in_progress >= self._max_concurrent:
            raise ApiError(
                503, "overloaded", "Too many concurrent requests", headers={"Retry-After": "1"}
            )
        self._in_progress += 1
        try:
            await self._app(scope, self._limited(receive), send)
        finally:
            self._in_progress -= 1

    def _limited(self, receive: Receive) -> Receive:
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise self._too_large()
            return message

        return limited

    def _too_large(self) -> ApiError:
        return ApiError(
            413, "body_too_large", f"The body is larger than {self._max_body_bytes:,} bytes"
        )


def _with_correlation_id(send: Send, identifier: str, response: _ResponseState) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status, response.started = message["status"], True
            header = (CORRELATION_HEADER.lower().encode(), identifier.encode())
            message["headers"] = [*message.get("headers", ()), header]
        await send(message)

    return marked


def _api_error(error: Exception, path: str) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, TimeoutError):
        _log.error("a request timed out", extra={"path": path})
        return ApiError(504, "timeout", "The request took too long")
    if isinstance(error, RetryableError):
        # If a dependency is down, many requests fail at once, and stack traces are expensive.
        _log.error("a dependency is unavailable: %s", error, extra={"path": path})
        return ApiError(503, "unavailable", "Try again in a moment", headers={"Retry-After": "1"})
    _log.error("a request failed", exc_info=error, extra={"path": path})
    if isinstance(error, IgniteFlowError):
        return ApiError(500, "misconfigured", "The service is misconfigured; see its log")
    return ApiError(500, "internal_error", "The service failed; see its log")


async def _send_error(error: ApiError, send: Send, identifier: str) -> None:
    body = error.body(identifier)
    extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    await send(
        {
            "type": "http.response.start",
            "status": error.status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                *extra,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
