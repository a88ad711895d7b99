"""An HTTP server in front of another one, by whose faults a request is late, lost or refused."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_BUSY = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length"}


@dataclass
class Weather:
    """How likely each fault is for a request; ``met`` counts those that happened."""

    late: float = 0.0
    longest_seconds: float = 0.0
    lost: float = 0.0
    refused: float = 0.0
    met: Counter[str] = field(default_factory=Counter)


@dataclass
class FaultProxy:
    """The proxy; its ``weather`` may be changed at any time."""

    port: int
    weather: Weather


@contextmanager
def fault_proxy(target: str, chance: random.Random) -> Iterator[FaultProxy]:
    """A proxy of the server at this address."""
    proxy, host = FaultProxy(0, Weather()), urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_any(self) -> None:
            weather = proxy.weather
            body = self._body()
            if chance.random() < weather.late:
                weather.met["late"] += 1
                time.sleep(chance.uniform(0, weather.longest_seconds))
            if chance.random() < weather.refused:
                weather.met["refused"] += 1
                self._answer(503, [("Content-Type", "application/xml")], _BUSY)
                return
            # Before it has been done, or after: whoever asked cannot know.
            is_lost, is_done = chance.random() < weather.lost, chance.random() < 0.5
            if is_lost and not is_done:
                self._lose()
                return
            status, headers, content = self._ask(body)
            if is_lost:
                self._lose()
                return
            self._answer(status, headers, content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_any  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.send_response_only(100)
                self.end_headers()
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            asked = HTTPConnection(host, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _OF_A_CONNECTION}
            asked.request(self.command, self.path, body, headers)
            answer = asked.getresponse()
            content = answer.read()
            asked.close()
            return answer.status, answer.getheaders(), content

        def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            length = str(len(content))
            for name, value in headers:
                if name.lower() == "content-length" and self.command == "HEAD":
                    length = value
                elif name.lower() not in _OF_A_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def _lose(self) -> None:
            proxy.weather.met["lost"] += 1
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
