"""Everything between the network and a route: ids, keys, limits, time-outs, errors, metrics."""

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
"""What SageMaker calls after it has checked who asks itself."""

_log = logging.getLogger("igniteflow.serving")
_tracer = trace.get_tracer("igniteflow.serving")


@dataclass
class _Answer:
    status: int = 500
    started: bool = False


class Boundary:
    """The outermost ASGI layer.

    Args:
        app: the routes.
        keys: who may call.
        paths: of the routes; any other path is measured under one name.
        open_paths: that everybody may call, besides the probes.
        max_body_bytes: of a request.
        timeout_seconds: for a whole request.
        max_concurrent: requests under way at once; a probe is always answered.
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
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other kinds of connection are passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        path = scope["path"] if scope["path"] in self._paths else "other"
        identifier = accepted_correlation_id(headers.get(CORRELATION_HEADER))
        answer = _Answer()
        marked = _marked(send, identifier, answer)
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
                if answer.started:
                    raise
                await _tell(_api_error(error, path), marked, identifier)
            span.set_attribute("http.response.status_code", answer.status)
        labels = (path, scope["method"], str(answer.status))
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
        # Waiting in line would make every answer late; who is told at once can go elsewhere.
        if self._under_way >= self._max_concurrent:
            raise ApiError(
                503, "overloaded", "Too many requests are under way", headers={"Retry-After": "1"}
            )
        self._under_way += 1
        try:
            await self._app(scope, self._limited(receive), send)
        finally:
            self._under_way -= 1

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


def _marked(send: Send, identifier: str, answer: _Answer) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.started = message["status"], True
            mark = (CORRELATION_HEADER.lower().encode(), identifier.encode())
            message["headers"] = [*message.get("headers", ()), mark]
        await send(message)

    return marked


def _api_error(error: Exception, path: str) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, TimeoutError):
        _log.error("a request took too long", extra={"path": path})
        return ApiError(504, "timeout", "The request took too long")
    if isinstance(error, RetryableError):
        # Many fail at once where a part is away, and a stack trace costs more than an answer.
        _log.error("a part of the platform does not answer: %s", error, extra={"path": path})
        return ApiError(503, "unavailable", "Try again in a moment", headers={"Retry-After": "1"})
    _log.error("a request failed", exc_info=error, extra={"path": path})
    if isinstance(error, IgniteFlowError):
        return ApiError(500, "misconfigured", "The service cannot answer this; see its log")
    return ApiError(500, "internal_error", "The service failed; see its log")


async def _tell(error: ApiError, send: Send, identifier: str) -> None:
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
