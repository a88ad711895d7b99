"""A connection that must get on: what arrives slowly or has an endless head is closed."""

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
    """uvicorn's, with a time until a request has arrived and a size of its head.

    uvicorn itself waits for ever for a request that has begun, or that never begins, and for the
    rest of a body whose request was answered already.
    """

    listener: socket.socket
    """That connections come from; it does not block."""
    arrival_seconds: float
    """Within which a whole request has to arrive, from its first byte."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request as long as for a further one."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.timeout_keep_alive, self._close)
        self._in_head = True
        self._accept_waiting()

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived."""
        if self._in_head:
            if self._head_bytes == 0:
                self._begin()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._close(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; the next head may begin."""
        self._in_head = True
        self._end_wait()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._end_wait()
        super().connection_lost(exc)

    def _accept_waiting(self) -> None:
        """Take in whoever waits to be connected.

        libuv, and so uvloop, accepts one connection in each turn of its loop, and where there is
        much to do a turn is long: a hundred who come at once would wait for a hundred turns.
        """
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                # Nobody waits, or what stands in the way is told to libuv, which tries next.
                return
            accepted.setblocking(False)
            connecting = self.loop.create_task(self._connect(accepted))
            self.tasks.add(connecting)
            connecting.add_done_callback(self.tasks.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        await self.loop.connect_accepted_socket(self._another, accepted)

    def _another(self) -> "PromptConnection":
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

    def _close(self, told: bytes = b"") -> None:
        if self.transport.is_closing():
            return
        # An answer that is under way, or was given already, has been all there is to say.
        if told and (self.cycle is None or self.cycle.response_complete) and self._in_head:
            self.transport.write(told)
        self.transport.close()


def bind_promptly(config: uvicorn.Config, arrival_seconds: float) -> socket.socket:
    """Bind the socket that a server of this configuration is to run on.

    Its connections are prompt ones, with this time for a request to arrive.
    """
    listener = config.bind_socket()
    listener.setblocking(False)
    own = {"listener": listener, "arrival_seconds": arrival_seconds}
    config.http = type("PromptConnection", (PromptConnection,), own)
    return listener
