"""Errors of a delivery ("lies"), each in one row or in one file."""

import random
from collections.abc import Callable

Lie = Callable[[dict[str, str], random.Random], dict[str, str]]
"""Changes one row's values so that it can no longer be a transaction of its day."""

VALUE_LIES: dict[str, Lie] = {
    "event of the future": lambda row, _: row | {"event_time": "2099-01-01T00:00:00Z"},
    "event of an absurd past": lambda row, _: row | {"event_time": "1980-06-01T00:00:00Z"},
    "event of another day": lambda row, _: row | {"event_time": "2024-02-02T12:00:00Z"},
    "time of day alone": lambda row, _: row | {"event_time": "10:15:30"},
    "count of days": lambda row, _: row | {"event_time": "43466"},
    "zone of no meaning": lambda row, _: row | {"event_time": "2025-03-03 10:00:00 EST"},
    "decimal comma": lambda row, _: row | {"amount": "12,50"},
    "separator of thousands": lambda row, _: row | {"amount": "1,234.50"},
    "currency sign": lambda row, _: row | {"amount": "€12.50"},
    "negative amount": lambda row, _: row | {"amount": "-1.00"},
    "amount without end": lambda row, _: row | {"amount": "Infinity"},
    "label of another kind": lambda row, rng: row | {"is_fraud": rng.choice(("2", "maybe", "-1"))},
    "customer left out": lambda row, rng: row | {"customer_id": rng.choice(("", "NULL", "\\N"))},
    "terminal of broken text": lambda row, _: row | {"terminal_id": "Caf\ufffd"},
    "invisible mark in an id": lambda row, _: row | {"customer_id": "C\u200b1"},
}
"""Errors of values, for all formats with text values."""

Corrupt = Callable[[bytes, str, random.Random], bytes]
"""Changes the bytes of a file, given its separator, so that its last row or rows are torn."""


def _lines(content: bytes) -> tuple[list[bytes], bytes]:
    end = b"\r\n" if b"\r\n" in content else b"\n"
    return content.rstrip(b"\r\n").split(end), end


def _last(change: Callable[[bytes, bytes, random.Random], bytes]) -> Corrupt:
    def corrupt(content: bytes, separator: str, rng: random.Random) -> bytes:
        lines, end = _lines(content)
        return end.join([*lines[:-1], change(lines[-1], separator.encode(), rng)])

    return corrupt


def _cut(line: bytes, separator: bytes, rng: random.Random) -> bytes:
    return line[: rng.randrange(1, line.rindex(separator) + 1)]


def _swallow(line: bytes, separator: bytes, _: random.Random) -> bytes:
    first, rest = line.split(separator, 1)
    return separator.join([b'"' + first.replace(b'"', b""), rest.replace(b'"', b"")])


CSV_LIES: dict[str, Corrupt] = {
    "a field less": _last(lambda line, separator, _: line.replace(separator, b"", 1)),
    "a field more": _last(lambda line, separator, _: line.replace(separator, separator * 2, 1)),
    "file cut in its last row": _last(_cut),
    "quote that is never closed": _last(_swallow),
    "bytes of another encoding": _last(
        lambda line, separator, _: line.replace(separator, b"\xfc" + separator)
    ),
}
"""For delimited text in UTF-8 whose last row has no quoted field."""

JSON_LIES: dict[str, Corrupt] = {
    "file cut in its last row": _last(lambda line, _, rng: line[: rng.randrange(1, len(line))]),
    "name that occurs twice": _last(lambda line, _, __: b'{"TX": "other", ' + line[1:]),
    "object for a value": _last(
        lambda line, _, __: b'{"TX": {"id": 1}, ' + line[1:].replace(b'"TX":', b'"TXX":')
    ),
    "list of objects": _last(lambda line, _, __: b"[" + line + b"]"),
}
