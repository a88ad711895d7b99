"""Delivered files with hostile content: each row is kept as it is, or the file is refused."""

import json
import random
import struct
import zlib
from datetime import date

import pandas as pd
import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, UnreadableSourceError
from igniteflow_core.ingestion.read import read_table, reading
from tests.fuzz import HOSTILE, torn

pytestmark = pytest.mark.spark

COLUMNS = ("transaction_id", "amount")
TEXTS = [
    *(text for text in HOSTILE if isinstance(text, str) and text.strip()),
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\u202eC1", "C\u200b1", "\u0421\u03bf1", "C\x1b[2J",
    'a"b', "a,b", "a;b", "a\\\"b", "__HIVE_DEFAULT_PARTITION__", "#", "x" * 1_000_000,
]  # fmt: skip


def rows_of(spark, source: SourceSettings, root) -> list:
    with reading(str(root)):
        return read_table(spark, source, str(root), COLUMNS).collect()


def test_hostile_texts_in_json_are_kept_as_they_are(spark, tmp_path):
    lines = [json.dumps({"transaction_id": text, "amount": "1"}) for text in TEXTS]
    (tmp_path / "rows.json").write_text("\n".join(lines))
    rows = rows_of(spark, SourceSettings(path="rows.json", format="json"), tmp_path)
    assert sorted(row.transaction_id for row in rows) == sorted(TEXTS)


def test_hostile_texts_in_csv_are_kept_as_they_are(spark, tmp_path):
    kept = [text for text in TEXTS if not {"\x00", "\ufeff"} & set(text)]
    frame = pd.DataFrame({"transaction_id": kept, "amount": "1"})
    frame.to_csv(tmp_path / "rows.csv", index=False, quoting=1)
    rows = rows_of(spark, SourceSettings(path="rows.csv", format="csv"), tmp_path)
    assert sorted(row.transaction_id for row in rows) == sorted(kept)


def test_torn_json_lines_stay_rows_that_the_quarantine_can_name(spark, tmp_path):
    rng = random.Random(7)
    good = json.dumps({"transaction_id": "T1", "amount": "1"}).encode()
    lines = [torn(good, rng).replace(b"\n", b"").replace(b"\r", b"") or b"{" for _ in range(300)]
    lines += [b'{"transaction_id": "\\ud800", "amount": "1"}', b"[" * 500, b'{"a":' * 500, good]
    (tmp_path / "rows.json").write_bytes(b"\n".join(lines))
    rows = rows_of(spark, SourceSettings(path="rows.json", format="json"), tmp_path)
    assert len(rows) == len(lines)
    assert "T1" in {row.transaction_id for row in rows}


def lie(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


def parquet_lies(content: bytes) -> dict[str, bytes]:
    length = struct.unpack("<I", content[-8:-4])[0]
    footer = content[-8 - length : -8]
    rng = random.Random(8)
    lies = {
        "a footer beyond the file": content[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
        "a footer of nothing": content[:-8] + struct.pack("<I", 0) + b"PAR1",
        "no footer": content[: len(content) // 2],
        "another magic": content[:-4] + b"PARE",
        "pages that are gone": content[:4]
        + bytes(len(content) - 12 - length)
        + content[-8 - length :],
        "not Parquet": b"transaction_id,amount\n1,2\n",
        "zipped text": zlib.compress(b"x" * 10_000_000),
    }
    for number in range(10):
        changed = bytearray(footer)
        for _ in range(4):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        lies[f"footer {number}"] = content[: -8 - length] + bytes(changed) + content[-8:]
    return lies


def test_parquet_that_lies_is_refused_or_read_whole(spark, tmp_path):
    good = tmp_path / "good.parquet"
    pd.DataFrame({"transaction_id": [f"T{n}" for n in range(100)], "amount": 1.5}).to_parquet(good)
    refused = 0
    for number, (name, content) in enumerate(parquet_lies(good.read_bytes()).items()):
        (tmp_path / f"{number}.parquet").write_bytes(content)
        try:
            rows = rows_of(spark, SourceSettings(path=f"{number}.parquet"), tmp_path)
        except (UnreadableSourceError, SourceSchemaError):
            refused += 1
        else:
            assert name.startswith("footer"), name
            assert len(rows) == 100, name
    assert refused >= 7


def test_a_file_name_cannot_lead_out_of_its_day(spark, tmp_path):
    """Names of delivered files are data; only the settings name paths."""
    day = date(2025, 1, 1)
    folder = tmp_path / str(day)
    folder.mkdir()
    for name in ("..%2f..%2fetc.json", "a b;rm -rf.json", "$(x).json", "{x}.json", "[x].json"):
        (folder / name).write_text(json.dumps({"transaction_id": name, "amount": "1"}))
    from igniteflow_core.ingestion.read import read_days

    source = SourceSettings(path="{date}", format="json")
    rows = read_days(spark, source, str(tmp_path), [day], COLUMNS).collect()
    assert len(rows) == 5
    assert {row.delivery_date for row in rows} == {day}
