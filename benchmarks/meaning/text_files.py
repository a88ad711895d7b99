"""Transactions as delimited text and as JSON lines."""

import csv
import gzip
import io
import json
import random
from collections.abc import Mapping, Sequence

Row = Mapping[str, str]
_NOTES = ("", "x", "two\nlines", 'a "quoted" word', "1,5;2|3\t4", "ends with a break\n")


def csv_file(
    rows: Sequence[Row], names: Mapping[str, str], separator: str, encoding: str, rng: random.Random
) -> bytes:
    """Write a file with a header, random order of columns, quoting, line ends and extra columns."""
    columns = [*names, *rng.sample(["fee", "note", "is_new"], rng.randint(0, 3))]
    rng.shuffle(columns)
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=separator,
        quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
        lineterminator=rng.choice(("\n", "\r\n")),
    )
    writer.writerow([names.get(column, column) for column in columns])
    for row in rows:
        writer.writerow([row.get(column, rng.choice(_NOTES)) for column in columns])
    content = text.getvalue()
    if rng.random() < 0.3:
        content = content.rstrip("\r\n")
    mark = "\ufeff" if encoding == "utf-8" and rng.random() < 0.2 else ""
    return (mark + content).encode(encoding)


def json_file(rows: Sequence[Row], names: Mapping[str, str], rng: random.Random) -> bytes:
    """Write one object per line, with random order, types of numbers and escapes."""
    return "\n".join(json_line(row, names, rng) for row in rows).encode() + rng.choice((b"", b"\n"))


def json_line(row: Row, names: Mapping[str, str], rng: random.Random) -> str:
    """Return one object as JSON."""
    fields = {names[column]: _value(text, rng) for column, text in row.items()}
    if rng.random() < 0.3:
        fields["note"] = rng.choice((*_NOTES, {"a": [1, 2]}, None, [1, "x"]))
    order = list(fields)
    rng.shuffle(order)
    return json.dumps({name: fields[name] for name in order}, ensure_ascii=rng.random() < 0.5)


def _value(text: str, rng: random.Random) -> object:
    """Return the text, or the equal number if JSON can represent it."""
    if text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0"):
        return rng.choice((text, int(text)))
    return text


def compressed(content: bytes) -> bytes:
    """Compress the content with gzip."""
    return gzip.compress(content, mtime=0)
