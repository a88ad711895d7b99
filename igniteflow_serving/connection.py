"""Connections with a time limit for the arrival of a request and a size limit for its head."""

import asyncio
import socket
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-length: 0\r\n\r\n"
)


class PromptConnection(HttpToolsProtocol):
    """uvicorn's protocol with a time limit for the arrival of a request and a limit for its head.

    uvicorn itself waits without limit for a request that has begun or never begins, and for the
    rest of the body of a request that it has already responded to.
    """

    listener: socket.socket
    """The non-blocking socket that accepts connections."""
    arrival_seconds: float
    """Seconds from the first byte of a request within which all of it must arrive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the keep-alive timeout for the first request as well."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.timeout_keep_alive, self._close)
        self._in_head = True
        self._accept_waiting()

    def data_received(self, data: bytes) -> None:
        """Parse received data, and close the connection if the head is too large."""
        if self._in_head:
            if self._head_bytes == 0:
                self._begin()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._close(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Stop counting the bytes of the head."""
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Cancel the time limit of the request; the next head may begin."""
        self._in_head = True
        self._end_wait()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time limit."""
        self._end_wait()
        super().connection_lost(exc)

    def _accept_waiting(self) -> None:
        """Accept all waiting connections.

        libuv, and therefore uvloop, accepts one connection per iteration of its event loop, and
        under load an iteration is long: of a hundred simultaneous clients, the last would wait for
        a hundred iterations.
        """
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                # No connection is waiting, or libuv's next accept raises and handles the error.
                return
            accepted.setblocking(False)
            connecting = self.loop.create_task(self._connect(accepted))
            self.tasks.add(connecting)
            connecting.add_done_callback(self.tasks.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        await self.loop.connect_accepted_socket(self._new_protocol, accepted)

    def _new_protocol(self) -> "PromptConnection":
        return type(self)(
            config=self.config,
            server_state=self.server_state,
            app_state=self.app_state,
            _loop=self.loop,
        )

    def _begin(self) -> None:
        self._end_wait()
        self._deadline = self.loop.call_later(self.arrival_seconds, self._close, _TOO_SLOW)

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self, response: bytes = b"") -> None:
        if self.transport.is_closing():
            return
        # No second response may follow one that is in progress or was sent for this request.
        if response and (self.cycle is None or self.cycle.response_complete) and self._in_head:
            self.transport.write(response)
        self.transport.close()


def bind_promptly(config: uvicorn.Config, arrival_seconds: float) -> socket.socket:
    """Bind the socket for a server with this configuration.

    Its connections are of ``PromptConnection``, with this time limit for a request to arrive.
    """
    listener = config.bind_socket()
    listener.setblocking(False)
    own = {"listener": listener, "arrival_seconds": arrival_seconds}
    config.http = type("PromptConnection", (PromptConnection,), own)
    return listener
