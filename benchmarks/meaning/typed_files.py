"""Transactions as Parquet files with typed columns."""

import io
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.meaning.spellings import has_one_meaning, spelled
from benchmarks.meaning.truth import EPOCH, MICROSECOND, Truth


def parquet_file(
    rows: Sequence[Truth], names: Mapping[str, str], zone: ZoneInfo, rng: random.Random
) -> bytes:
    """Write a file with random order and types of columns that can store the values."""
    buffer = io.BytesIO()
    table, is_int96 = parquet_table(rows, names, zone, rng)
    pq.write_table(
        table,
        buffer,
        use_dictionary=rng.random() < 0.5,
        use_deprecated_int96_timestamps=is_int96,
        row_group_size=rng.choice((2, 1_000)),
    )
    return buffer.getvalue()


def parquet_of_text(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a file with only text columns."""
    buffer = io.BytesIO()
    columns = [pa.array([row[place] for row in rows]) for place in range(len(names))]
    pq.write_table(pa.table(columns, names=list(names)), buffer)
    return buffer.getvalue()


def parquet_table(
    rows: Sequence[Truth], names: Mapping[str, str], zone: ZoneInfo, rng: random.Random
) -> tuple[pa.Table, bool]:
    """Return the rows, and whether their times are to be written as INT96."""
    texts = [spelled(row, zone, rng) for row in rows]
    times, is_int96 = _times(rows, zone, rng)
    columns = {
        "transaction_id": _ids([row.transaction_id for row in rows], rng),
        "event_time": times if times is not None else pa.array([t["event_time"] for t in texts]),
        "customer_id": _ids([row.customer_id for row in rows], rng),
        "terminal_id": _ids([row.terminal_id for row in rows], rng),
        "amount": _amounts(rows, rng),
        "is_fraud": _labels(rows, texts, rng),
        "fee": pa.array([rng.random() for _ in rows]),
    }
    order = list(columns)
    rng.shuffle(order)
    return pa.table({names.get(name, name): columns[name] for name in order}), is_int96


def _times(
    rows: Sequence[Truth], zone: ZoneInfo, rng: random.Random
) -> tuple[pa.Array | None, bool]:
    moments = [EPOCH + row.time * MICROSECOND for row in rows]
    locals_ = [moment.astimezone(zone) for moment in moments]
    unit = rng.choice(("us", "ns") if any(row.time % 1_000 for row in rows) else ("ms", "us", "ns"))
    match rng.choice(("instant", "local", "text", "int96", "count")):
        case "instant":
            return pa.array(moments, pa.timestamp(unit, rng.choice(("UTC", "+05:30")))), False
        case "local" if all(has_one_meaning(local, zone) for local in locals_):
            naive = [local.replace(tzinfo=None) for local in locals_]
            return pa.array(naive, pa.timestamp(unit)), False
        case "int96":
            naive_utc = [moment.replace(tzinfo=None) for moment in moments]
            return pa.array(naive_utc, pa.timestamp("ns")), True
        case "count":
            return pa.array([row.time for row in rows], pa.int64()), False
        case _:
            return None, False


def _ids(ids: Sequence[str], rng: random.Random) -> pa.Array:
    if all(each.isdecimal() and each[0] != "0" for each in ids):
        return pa.array([int(each) for each in ids], rng.choice((pa.int64(), pa.float64())))
    return pa.array(ids)


def _amounts(rows: Sequence[Truth], rng: random.Random) -> pa.Array:
    exact = [Decimal(row.cents) / 100 for row in rows]
    kind = rng.choice(("double", "decimal", "text", "whole"))
    if kind == "double":
        return pa.array([float(each) for each in exact])
    if kind == "text":
        return pa.array([str(each) for each in exact])
    if kind == "whole" and all(row.cents % 100 == 0 for row in rows):
        return pa.array([row.cents // 100 for row in rows], pa.int32())
    return pa.array(exact, pa.decimal128(18, rng.choice((2, 6))))


def _labels(
    rows: Sequence[Truth], texts: Sequence[Mapping[str, str]], rng: random.Random
) -> pa.Array:
    labels = [row.is_fraud for row in rows]
    match rng.choice(("int", "double", "bool", "text")):
        case "int":
            return pa.array(labels, pa.int8())
        case "double":
            return pa.array(labels, pa.float64())
        case "bool":
            return pa.array([None if each is None else bool(each) for each in labels])
        case _:
            return pa.array([text["is_fraud"] for text in texts])
