"""A batch of several days: every rule holds for each of them, or names those that break it."""

from datetime import date

import pyarrow as pa
import pytest

from igniteflow_core.config.quality import (
    CompletenessRule,
    CustomRule,
    PatternRule,
    ProfileRule,
    RangeRule,
    RowCountRule,
    UniquenessRule,
)
from igniteflow_core.quality.days import Days
from igniteflow_core.quality.validate import validate

pytestmark = pytest.mark.spark

FIRST, SECOND, THIRD = (date(2025, 1, day) for day in (6, 7, 8))
DAYS = Days("day", FIRST, date(2025, 1, 9))
HALF = 0.5


@pytest.fixture
def batch(spark):
    """Builds a table of rows (day, name, amount)."""

    def build(*rows):
        day, name, amount = zip(*rows, strict=True)
        return spark.createDataFrame(
            pa.table({"day": pa.array(day, pa.date32()), "name": name, "amount": amount})
        )

    return build


def clean(day, rows=4):
    return [(day, f"a{day}{number}", 10.0) for number in range(rows)]


def test_a_day_without_rows_breaks_the_row_count_that_a_run_of_it_alone_would_break(batch):
    rows = batch(*clean(SECOND), *clean(THIRD))
    rule = RowCountRule(type="row_count")
    assert validate(rows, [rule], reference=None).success
    report = validate(rows, [rule], reference=None, days=DAYS)
    assert not report.success
    assert "broken by the day(s) 2025-01-06 (0)" in report.results[0].explanation


def test_the_largest_row_count_is_that_of_a_day(batch):
    rows = batch(*clean(FIRST), *clean(SECOND), *clean(THIRD))
    rule = RowCountRule(type="row_count", max=4)
    assert not validate(rows, [rule], reference=None).success
    assert validate(rows, [rule], reference=None, days=DAYS).success


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (CompletenessRule(type="completeness", column="amount", threshold=HALF), ("a", None)),
        (RangeRule(type="range", column="amount", min=0, threshold=HALF), ("a", -1.0)),
        (PatternRule(type="pattern", column="name", pattern="^a", threshold=HALF), ("b", 1.0)),
        (
            CustomRule(type="custom", name="paid", condition="amount > 0", threshold=HALF),
            ("a", None),
        ),
    ],
    ids=lambda value: value.type if hasattr(value, "type") else "",
)
def test_good_days_do_not_hide_a_bad_one(batch, rule, bad):
    spoiled = [(SECOND, *bad)] * 2 + clean(SECOND, rows=1)
    rows = batch(*clean(FIRST), *spoiled, *clean(THIRD))
    assert validate(rows, [rule], reference=None).success
    report = validate(rows, [rule], reference=None, days=DAYS)
    assert not report.success
    assert "broken by the day(s) 2025-01-07 (0.333333)" in report.results[0].explanation
    held = validate(
        batch(*clean(FIRST), *clean(SECOND), (THIRD, *bad), *clean(THIRD, rows=1)),
        [rule],
        reference=None,
        days=DAYS,
    )
    assert held.success


def test_a_profile_is_that_of_each_day(batch):
    rule = ProfileRule(type="profile", column="amount", statistic="mean", tolerance=0.1)
    balanced = batch((FIRST, "a", 5.0), (SECOND, "b", 10.0), (THIRD, "c", 15.0))
    reference = batch((date(2025, 1, 5), "d", 10.0))
    assert validate(balanced, [rule], reference=reference).success
    report = validate(balanced, [rule], reference=reference, days=DAYS)
    assert not report.success
    assert "2025-01-06 (5), 2025-01-08 (15)" in report.results[0].explanation
    without_reference = validate(balanced, [rule], reference=None, days=DAYS)
    assert without_reference.success


def test_a_day_with_no_value_breaks_a_profile_and_no_rule_about_values(batch):
    rows = batch(*clean(FIRST), (SECOND, "a", None), *clean(THIRD))
    profile = ProfileRule(type="profile", column="amount", statistic="mean", tolerance=0.1)
    report = validate(rows, [profile], reference=rows, days=DAYS)
    assert "2025-01-07 (no values)" in report.results[0].explanation
    values = RangeRule(type="range", column="amount", min=0)
    assert validate(rows, [values], reference=None, days=DAYS).success


def test_a_key_is_unique_in_all_days_together(batch):
    rows = batch((FIRST, "same", 1.0), (SECOND, "same", 1.0), (THIRD, "other", 1.0))
    rule = UniquenessRule(type="uniqueness", columns=("name",))
    assert not validate(rows, [rule], reference=None, days=DAYS).success


def test_days_that_break_a_rule_are_named_up_to_five(batch):
    rows = batch(*clean(date(2025, 1, 10)))
    rule = RowCountRule(type="row_count")
    report = validate(
        rows, [rule], reference=None, days=Days("day", date(2025, 1, 1), date(2025, 1, 11))
    )
    assert "2025-01-05 (0) and 4 more." in report.results[0].explanation
