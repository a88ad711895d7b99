"""Values mean the same in a column of Spark and in a message of JSON."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from igniteflow_core.values import python
from igniteflow_core.values import spark as columns
from igniteflow_core.values.rules import WHITE_SPACE, clock

pytestmark = pytest.mark.spark

NOON = 1_736_164_800_000_000
PIECES = (
    *("2025", "1969", "2300", "0001", "9999", "-", "-01", "-1", "-06", "-13", "-31", "T", "t", " "),
    *("10", "2", "02", "24", ":", ":00", ":30", ":60", ".", ".5", ".123456789", "Z", "z", "UTC"),
    *("GMT", "EST", "+", "+01", "+0100", "+01:00", "-14:59", "+15:00", "+1", "Europe/Berlin"),
    *("Mars/Olympus", "[Europe/Berlin]", "1736164800", "173616480", "000", "86400", "1,5", "e"),
    *("1e308", "1e309", "1_0", "0x1", "1d", "inf", "Infinity", "NaN", "NULL", "N/A", "\\N", "none"),
    *("true", "FALSE", "0", "1", "0.0", "-0.0", "C1", "Iron Maiden", "\u0661", "\uff11", "\u200b"),
    *("\x00", "\x7f", "\u0085", "\ufffd", "\u202e", "\U0001f600", "\u0130", "\u212a", "a" * 130),
    *WHITE_SPACE,
)
TIMES = (
    *("2025-01-06 10:00:00", "2025-1-6 1:02", "2025-01-06", "2025-01", "2025", "10:15:30"),
    *("2025-03-30 02:30:00", "2025-10-26 02:30:00", "2024-02-29T00:00:00", "2025-02-29"),
    *("2025-01-06T10:00:00 Europe/Berlin", "2025-03-30 02:30 Europe/Berlin", "2025-01-06 24:00"),
    *("2025-01-06 10:00:00 UTC+01:00", "2025-01-06 10:00 GMT-5", "2025-01-06 10:00 GMT-05"),
    *("2025-01-06 10:00:00+01:00[Europe/Berlin]", "9999-12-31", "0001-01-01", "-1736164800"),
    *("1736164800", "1736164800000", "1736164800000000", "1736164800000000999", "999999999"),
    *("1960-07-01 12:00:00", "1970-01-01 00:00:00", "2299-12-31 23:59:59.999999", "20250106"),
)
"""Whole forms, which pieces put together at random seldom give."""


def hostile_texts() -> list[str]:
    draw = random.Random(7)
    joined = ["".join(draw.choices(PIECES, k=draw.randint(0, 5))) for _ in range(3_000)]
    forms = [
        f"{start}{form}{end}"
        for form in TIMES
        for start in ("", "\xa0")
        for end in ("", "\t", "Z", " UTC", "+01:00", " -0530", " America/New_York", "x")
    ]
    moments = [
        str(datetime(1970, 1, 1) + timedelta(hours=draw.randrange(480_000), minutes=30))
        for _ in range(600)
    ]
    return [*PIECES, *joined, *forms, *moments]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_both_renditions_agree_on_hostile_text(spark: SparkSession, zone: str) -> None:
    texts = hostile_texts()
    frame = spark.createDataFrame([(text,) for text in texts], "value string").select(
        "value",
        columns.text("value").alias("text"),
        columns.invalid_id(columns.text("value")).alias("invalid_id"),
        columns.number(columns.text("value")).alias("number"),
        columns.label(columns.text("value")).alias("label"),
        F.unix_micros(columns.utc_time(columns.text("value"), zone)).alias("time"),
    )
    accepted = 0
    for row in frame.collect():
        trimmed = python.text(row.value)
        assert row.text == trimmed, ascii(row.value)
        refused = trimmed is not None and not python.is_identifier(trimmed)
        assert row.invalid_id == refused, ascii(row.value)
        assert row.number == python.number(row.value), ascii(row.value)
        assert row.label == python.label(row.value), ascii(row.value)
        time = python.utc_time(row.value, zone)
        assert row.time == time, ascii(row.value)
        accepted += time is not None
    assert accepted > 700


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        ("2025-01-06 12:00:00+00", NOON),
        ("2025-01-06 12:00:00 UTC", NOON),
        ("2025-01-06 13:00:00 +0100", NOON),
        ("2025-01-06 12:00:00 GMT", NOON),
        ("2025-01-06T12:00:00Z", NOON),
        ("2025-01-06 07:00:00 America/New_York", NOON),
        ("2025-01-06 13:00:00", NOON),
        (1_736_164_800, NOON),
        (1_736_164_800_000.0, NOON),
        ("1736164800", NOON),
        # Half past two happens twice on the day that clocks are set back: the first one counts.
        ("2025-10-26 02:30:00", 1_761_438_600_000_000),
        # It does not happen on the day that they are set forward: read as if they were not yet.
        ("2025-03-30 02:30:00", 1_743_298_200_000_000),
        ("86400", None),
        ("43466", None),
        ("10:15:30", None),
        ("9999-12-31", None),
        ("0001-01-01", None),
        (-1_736_164_800, None),
        ("20250106", None),
        (True, None),
    ],
)
def test_times_mean_what_they_say(value: object, micros: int | None) -> None:
    assert python.utc_time(value, "Europe/Berlin") == micros


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("C1\xa0", "C1"),
        ("\tC1\u3000", "C1"),
        ("\ufeffC1", "C1"),
        (7, "7"),
        (7.0, "7"),
        ("Iron Maiden", "Iron Maiden"),
        *((marker, None) for marker in ("NULL", "N/A", "\\N", "nan", "NaN", "<NA>", " ", "None")),
        (None, None),
        ([], None),
    ],
)
def test_text_is_trimmed_and_markers_of_null_are_null(value: object, text: str | None) -> None:
    assert python.text(value) == text


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("12.50", 12.5),
        (" 1e3 ", 1000.0),
        (12, 12.0),
        ("-0", 0.0),
        *((text, None) for text in ("12,50", "1,234.50", "1_000", "0x10", "12d", "inf", "nan")),
        (True, None),
        (10**400, None),
        (float("nan"), None),
    ],
)
def test_a_number_is_finite_and_its_decimal_comma_is_not_guessed(
    value: object, amount: float | None
) -> None:
    assert python.number(value) == amount


def test_the_plausible_times_end_at_the_skew_after_now() -> None:
    now = datetime(2025, 1, 6, 12, tzinfo=UTC)
    result = clock("UTC", earliest=date(1970, 1, 2), now=now, skew=timedelta(minutes=1))
    assert (result.earliest, result.latest) == (86_400_000_000, NOON + 60_000_000)
