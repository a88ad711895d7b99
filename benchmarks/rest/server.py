"""An API with precomputed pages, in a separate process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from urllib.parse import parse_qs, urlsplit

ROWS_A_PAGE = 1_000


def row(number: int) -> dict[str, object]:
    return {
        "transaction_id": f"T{number:09}",
        "event_time": f"2025-01-06T{number % 24:02}:{number % 60:02}:00Z",
        "customer_id": f"C{number % 5_003:07}",
        "terminal_id": f"S{number % 997:07}",
        "amount": (number % 100_000) / 100,
        "is_fraud": int(number % 1_009 == 0),
        "note": "nothing that is read",
    }


def page_text(page: int) -> str:
    """Return the rows of a page, numbered from 0, as JSON lines."""
    begin = page * ROWS_A_PAGE
    return "\n".join(json.dumps(row(number)) for number in range(begin, begin + ROWS_A_PAGE))


def _serve(pages: int, port_to) -> None:
    answers = [b'{"items": []}'] * (pages + 1)
    for page in range(pages):
        answers[page] = b'{"items": [%s]}' % page_text(page).replace("\n", ",").encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(parse_qs(urlsplit(self.path).query)["page"][0])
            self.send_response(200)
            self.send_header("Content-Length", str(len(answers[number - 1])))
            self.end_headers()
            self.wfile.write(answers[number - 1])

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        port_to.send(http.server_port)
        http.serve_forever()


@contextmanager
def serving(pages: int) -> Iterator[tuple[str, int]]:
    """Serve the API, and yield its URL and the id of its process."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(pages, sender), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}/", process.pid or 0
    finally:
        process.kill()
        process.join()
