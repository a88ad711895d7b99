"""Values in the forms that settings can declare: numbers, times, marks of missing values."""

from datetime import datetime

import pyarrow as pa
import pytest
from pydantic import ValidationError

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.values.form import CountedTime, ValueForm, WrittenTime
from igniteflow_core.values.spark import label, number, text, utc_time

pytestmark = pytest.mark.spark


@pytest.fixture
def values(spark):
    """Evaluates an expression of the column ``value`` for each of the texts."""

    def evaluate(expression, *texts):
        frame = spark.createDataFrame(pa.table({"value": pa.array(texts, pa.string())}))
        return [row[0] for row in frame.select(expression).collect()]

    return evaluate


@pytest.mark.parametrize(
    ("form", "texts", "numbers"),
    [
        (
            ValueForm(decimal=","),
            ["12,50", "-3", "1,5e2", "12.50", "1.234,50", ""],
            [12.5, -3.0, 150.0, None, None, None],
        ),
        (
            ValueForm(decimal=",", thousands="."),
            ["1.234.567,8", "1.234", "12.50", "1.2345", "12,5", "-1.000,25"],
            [1234567.8, 1234.0, None, None, 12.5, -1000.25],
        ),
        (
            ValueForm(thousands=","),
            ["1,234.50", "12,345,678", "1,23", "12,50", "1234.5", "1,2345"],
            [1234.5, 12345678.0, None, None, 1234.5, None],
        ),
        (ValueForm(thousands="\u00a0", decimal=","), ["1\u00a0234,5"], [1234.5]),
        (ValueForm(), ["1,234.50", "12,50", "12.50"], [None, None, 12.5]),
    ],
)
def test_a_number_is_read_by_its_declared_form_and_never_guessed(values, form, texts, numbers):
    assert values(number(text("value", form), form), *texts) == numbers


@pytest.mark.parametrize(
    ("pattern", "zone", "texts", "times"),
    [
        (
            "dd.MM.yyyy HH:mm",
            "Europe/Berlin",
            ["31.12.2025 23:59", "01.07.2025 12:00", "2025-12-31 23:59", "31.13.2025 00:00"],
            [datetime(2025, 12, 31, 22, 59), datetime(2025, 7, 1, 10), None, None],
        ),
        (
            "M/d/yyyy h:mm:ss a",
            "UTC",
            ["1/6/2025 1:05:09 PM", "12/31/2024 12:00:00 AM"],
            [datetime(2025, 1, 6, 13, 5, 9), datetime(2024, 12, 31)],
        ),
        (
            "yyyyMMdd'T'HHmmssXXX",
            "Asia/Kolkata",
            ["20250106T100000+02:00", "20250106T100000Z"],
            [datetime(2025, 1, 6, 8), datetime(2025, 1, 6, 10)],
        ),
    ],
)
def test_a_written_time_is_read_by_its_pattern_in_the_zone_of_the_source(
    values, pattern, zone, texts, times
):
    form = ValueForm(time=WrittenTime(pattern))
    assert values(utc_time(text("value", form), zone, form), *texts) == times


@pytest.mark.parametrize(
    ("unit", "texts", "times"),
    [
        (
            "hours",
            ["0", "1.5", "743", "-1", "x", ""],
            [
                datetime(2024, 12, 31, 23),
                datetime(2025, 1, 1, 0, 30),
                datetime(2025, 1, 31, 22),
                datetime(2024, 12, 31, 22),
                None,
                None,
            ],
        ),
        ("seconds", ["0.25", "172792"], [
            datetime(2024, 12, 31, 23, 0, 0, 250_000), datetime(2025, 1, 2, 22, 59, 52),
        ]),
        ("milliseconds", ["1"], [datetime(2024, 12, 31, 23, 0, 0, 1_000)]),
        ("days", ["31", "1e30"], [datetime(2025, 1, 31, 23), None]),
        ("months", ["0", "6", "1.5"], [
            datetime(2024, 12, 31, 23), datetime(2025, 6, 30, 22), None,
        ]),
    ],
)  # fmt: skip
def test_a_counted_time_starts_at_its_origin_in_the_zone_of_the_source(values, unit, texts, times):
    form = ValueForm(time=CountedTime(unit, datetime(2025, 1, 1)))
    assert values(utc_time(text("value", form), "Europe/Berlin", form), *texts) == times


def test_declared_marks_stand_for_a_missing_value_whatever_their_case(values):
    form = ValueForm(null_markers=frozenset({"-", "unknown"}))
    texts = values(text("value", form), "-", "Unknown", " NULL ", "a")
    assert texts == [None, None, None, "a"]
    assert values(text("value"), "-") == ["-"]


def test_a_label_may_be_a_word_of_the_source(values):
    form = ValueForm(labels={"ja": 1, "nein": 0})
    assert values(label(text("value", form), form), "Ja", "nein ", "yes", "oui") == [1, 0, 1, None]


def test_a_label_may_be_a_word(values):
    words = ["Yes", "no", "T", "f", "y", "N", "perhaps"]
    assert values(label(text("value")), *words) == [1, 0, 1, 0, 1, 0, None]


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ({"times": {"unit": "hours"}}, "takes either pattern, or unit and origin"),
        (
            {"times": {"pattern": "yyyy", "unit": "hours", "origin": "2025-01-01"}},
            "takes either pattern",
        ),
        ({"times": {"unit": "hours", "origin": "2025-01-01T00:00:00Z"}}, "states no zone"),
        ({"decimal": ",", "thousands": ","}, "are both ','"),
        ({"format": "parquet", "decimal": ","}, "no effect on format parquet"),
        (
            {"columns": {"event_time": "t"}, "joined_columns": {"event_time": ["d", "t"]}},
            "both in columns and in joined_columns",
        ),
        ({"joined_columns": {"event_time": ["d"]}}, "two names or more"),
        ({"separator": ""}, "not a separator"),
        ({"separator": '"'}, "not a separator"),
        ({"separator": "\\t"}, "one backslash"),
        ({"encoding": "rot13"}, "not an encoding"),
        ({"category_separator": ""}, "at least 1 character"),
        ({"labels": {"Ja": 1, "JA": 0}}, "more than once"),
        ({"labels": {"0": 1}}, "mean the opposite"),
        ({"labels": {"None": 0, "Fraud": 1}}, "mean a missing value"),
        ({"times": {"pattern": "foo"}}, "not a pattern"),
        ({"times": {"pattern": "YYYY-MM-dd"}}, "not a pattern"),
        ({"times": {"pattern": "yyyy 'open"}}, "not a pattern"),
        ({"times": {"pattern": ""}}, "not a pattern"),
        ({"times": {"pattern": "yyyy-MM-dd HH:mm:ss[XXX]"}}, "may not be optional"),
        ({"table": "payments"}, "table: no effect on format csv, only on jdbc"),
        ({"format": "jdbc", "table": "payments"}, "an address such as jdbc:postgresql"),
        ({"format": "jdbc", "path": "jdbc:h2:mem:a"}, "either a table or a query"),
        (
            {"format": "jdbc", "path": "jdbc:h2:mem:{date}", "table": "payments"},
            "is not allowed",
        ),
        (
            {"format": "jdbc", "path": "jdbc:postgresql://u:p@host/shop", "table": "payments"},
            "must not contain a password",
        ),
        (
            {
                "format": "jdbc",
                "path": "jdbc:sqlserver://host;user=u;password=p",  # pragma: allowlist secret
                "table": "payments",
            },
            "must not contain a password",
        ),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(settings, mistake):
    with pytest.raises(ValidationError, match=mistake):
        SourceSettings.model_validate({"format": "csv", "path": "a"} | settings)
