"""The rows of a day in one form: files and their bytes, with or without an error ("lie")."""

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from benchmarks.meaning.declarations import Declaration
from benchmarks.meaning.lies import CSV_LIES, JSON_LIES, VALUE_LIES
from benchmarks.meaning.refusals import refusals_of
from benchmarks.meaning.spellings import spelled
from benchmarks.meaning.text_files import compressed, csv_file, json_file
from benchmarks.meaning.truth import Truth, draw_day
from benchmarks.meaning.typed_files import parquet_file, parquet_of_text
from igniteflow_core.schemas.transactions import TRANSACTION_SOURCE_COLUMNS

_FILE_NAMES = ("part", "a b", "50%", "(1)", "#1", "[x]", "é", "shop=S1/part")
_PRECISIONS = (1, 1_000, 1_000_000)


@dataclass(frozen=True)
class Form:
    """A delivered day.

    Attributes:
        day: day of the delivery.
        files: bytes of the files by name.
        truth: expected rows, without the rows of a lie.
        lie: name of the lie; None for a true form.
    """

    day: date
    files: dict[str, bytes]
    truth: list[Truth]
    lie: str | None = None


def true_form(declaration: Declaration, day: date, rng: random.Random) -> Form:
    """Write the rows of a day to one to four files, each in a different form."""
    rows = _rows(declaration, day, rng)
    files = {}
    for number, part in enumerate(_parts(rows, rng)):
        name, content = _file(declaration, part, rng)
        files[f"{rng.choice(_FILE_NAMES)}{number}{name}"] = content
    return Form(day, files, rows)


def lying_form(declaration: Declaration, day: date, rng: random.Random) -> Form:
    """Write a day to two files: the first is true, the last row of the second has one lie."""
    rows = _rows(declaration, day, rng)
    first, second = rows[:1], rows[1:]
    name, content = _file(declaration, first, rng)
    text = [spelled(row, declaration.zone, rng) for row in second]
    torn = {"csv": CSV_LIES, "json": JSON_LIES}.get(declaration.format, {})
    if declaration.encoding != "utf-8":
        torn = {}
    if torn and rng.random() < 0.5:
        lie = rng.choice(sorted(torn))
        last = {name: value.strip() for name, value in text[-1].items()} | {
            "customer_id": "C1", "terminal_id": "S1", "transaction_id": "Tx", "amount": "1.5",
            "is_fraud": "0", "event_time": f"{day}T10:00:00",
        }  # fmt: skip
        content_2 = torn[lie](_plain(declaration, [*text[:-1], last]), declaration.separator, rng)
        names = {f"a{name}": content, f"b.{declaration.format}": content_2}
    else:
        lie = rng.choice([each for each, _ in VALUE_LIES.items() if _can_hold(declaration, each)])
        last = VALUE_LIES[lie](text[-1], rng)
        names = {
            f"a{name}": content,
            f"b.{declaration.format}": _plain(declaration, [*text[:-1], last]),
        }
    return Form(day, names, rows[:-1], lie)


def refused_form(declaration: Declaration, day: date, rng: random.Random) -> Form:
    """Write a day to two files: the first is true, the second does not match the settings."""
    rows = _rows(declaration, day, rng)
    name, content = _file(declaration, rows[:1], rng)
    text = [spelled(row, declaration.zone, rng) for row in rows[1:]]
    refusals = refusals_of(declaration)
    lie = rng.choice(sorted(refusals))
    end, spoiled = refusals[lie](text, list(declaration.names), partial(_plain, declaration), rng)
    files = {f"a{name}": content, f"b.{declaration.format}{end}": spoiled}
    return Form(day, files, [], lie)


def _rows(declaration: Declaration, day: date, rng: random.Random) -> list[Truth]:
    precision = rng.choice(_PRECISIONS)
    return draw_day(
        rng, day, declaration.zone, precision=precision, characters=declaration.encoding
    )


def _parts(rows: list[Truth], rng: random.Random) -> list[list[Truth]]:
    count = rng.randint(1, min(4, len(rows)))
    return [rows[number::count] for number in range(count)]


def _file(declaration: Declaration, rows: Sequence[Truth], rng: random.Random) -> tuple[str, bytes]:
    """Return the suffix and the bytes of a file."""
    names = declaration.names
    if declaration.format == "parquet":
        return ".parquet", parquet_file(rows, names, declaration.zone, rng)
    text = [spelled(row, declaration.zone, rng) for row in rows]
    if declaration.format == "json":
        content = json_file(text, names, rng)
    else:
        content = csv_file(text, names, declaration.separator, declaration.encoding, rng)
    if rng.random() < 0.2:
        return f".{declaration.format}.gz", compressed(content)
    return f".{declaration.format}", content


def _plain(
    declaration: Declaration,
    rows: Sequence[dict[str, str]],
    columns: Sequence[str] = TRANSACTION_SOURCE_COLUMNS,
) -> bytes:
    """Return a file in the simplest form with these columns."""
    names = [declaration.names[column] for column in columns]
    values = [[row[column] for column in columns] for row in rows]
    if declaration.format == "parquet":
        return parquet_of_text(names, values)
    if declaration.format == "json":
        lines = (json.dumps(dict(zip(names, row, strict=True))) for row in values)
        return "\n".join(lines).encode()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=declaration.separator, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(values)
    return text.getvalue().encode(declaration.encoding)


def _can_hold(declaration: Declaration, lie: str) -> bool:
    """Return whether the declared encoding has the characters of the lie."""
    special = {"terminal of broken text", "invisible mark in an id"}
    return declaration.encoding != "cp1252" or lie not in special
