"""Every type of rule, held and broken, in pandas on the driver and in Spark."""

from datetime import UTC, datetime

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
from igniteflow_core.quality import evaluate
from igniteflow_core.quality.failed_rows import failed_rows
from igniteflow_core.quality.validate import validate

pytestmark = pytest.mark.spark

NAN = float("nan")
SCHEMA = "id bigint, customer string, at timestamp, amount double"
NINE = datetime(2025, 1, 31, 9, tzinfo=UTC)
TEN = datetime(2025, 1, 31, 10, tzinfo=UTC)
ROWS = [
    (1, "c1", NINE, 10.0),
    (2, "c1", NINE, 20.0),
    (3, "c1", TEN, 30.0),
    (4, "x2", NINE, 40.0),
    (4, "c3", NINE, -5.0),
    (None, "c4", TEN, None),
    (None, None, TEN, NAN),
    (8, "c5", TEN, 105.0),
]
EARLIER = [(i, "c", NINE, amount) for i, amount in enumerate([10.0, 20.0, 60.0, NAN])]

# The amounts present are -5, 10, 20, 30, 40, 105: mean 100/3, median 25. Those before have mean 30,
# median 20 and a sample deviation of sqrt((400 + 100 + 900) / 2) = 26.46. The sample variance of
# those present is (14050 - 6 * (100/3)^2) / 5 = 22150/15.
CASES = [
    # rule, holds, observed, unexpected, share, examples
    (RowCountRule(type="row_count", min=8, max=8), True, 8, None, None, ()),
    (RowCountRule(type="row_count", min=9), False, 8, None, None, ()),
    (RowCountRule(type="row_count", min=0, max=7), False, 8, None, None, ()),
    (
        CompletenessRule(type="completeness", column="amount", threshold=0.75),
        True,
        None,
        2,
        0.75,
        (),
    ),
    (
        CompletenessRule(type="completeness", column="amount", threshold=0.76),
        False,
        None,
        2,
        0.75,
        (),
    ),
    (CompletenessRule(type="completeness", column="customer"), False, None, 1, 0.875, ()),
    (CompletenessRule(type="completeness", column="at"), True, None, 0, 1.0, ()),
    (UniquenessRule(type="uniqueness", columns=("id",)), False, None, 2, 4 / 6, (4,)),
    (UniquenessRule(type="uniqueness", columns=("id", "customer")), True, None, 0, 1.0, ()),
    (
        UniquenessRule(type="uniqueness", columns=("customer", "amount", "at")),
        True,
        None,
        0,
        1.0,
        (),
    ),
    (RangeRule(type="range", column="amount", min=-5, max=105), True, None, 0, 1.0, ()),
    (RangeRule(type="range", column="amount", min=0), False, None, 1, 5 / 6, (-5.0,)),
    (
        RangeRule(type="range", column="amount", min=0, max=100, threshold=4 / 6),
        True,
        None,
        2,
        4 / 6,
        (-5.0, 105.0),
    ),
    (
        RangeRule(type="range", column="amount", max=30, threshold=0.7),
        False,
        None,
        2,
        4 / 6,
        (40.0, 105.0),
    ),
    (
        PatternRule(type="pattern", column="customer", pattern=r"^c\d$"),
        False,
        None,
        1,
        6 / 7,
        ("x2",),
    ),
    (PatternRule(type="pattern", column="customer", pattern=r"\d$"), True, None, 0, 1.0, ()),
    (
        ProfileRule(type="profile", column="amount", statistic="mean", tolerance=0.12),
        True,
        100 / 3,
        None,
        None,
        (),
    ),
    (
        ProfileRule(type="profile", column="amount", statistic="mean", tolerance=0.11),
        False,
        100 / 3,
        None,
        None,
        (),
    ),
    (
        ProfileRule(type="profile", column="amount", statistic="median", tolerance=0.25),
        True,
        25,
        None,
        None,
        (),
    ),
    (
        ProfileRule(type="profile", column="amount", statistic="median", tolerance=0.24),
        False,
        25,
        None,
        None,
        (),
    ),
    (
        ProfileRule(type="profile", column="amount", statistic="stdev", tolerance=0.5),
        True,
        (22150 / 15) ** 0.5,
        None,
        None,
        (),
    ),
    (
        ProfileRule(type="profile", column="amount", statistic="stdev", tolerance=0.4),
        False,
        (22150 / 15) ** 0.5,
        None,
        None,
        (),
    ),
    (
        CustomRule(type="custom", name="positive", condition="amount > 0", threshold=0.625),
        True,
        None,
        3,
        0.625,
        ({"amount": -5.0}, {"amount": None}),
    ),
    (
        CustomRule(type="custom", name="early", condition="hour(at) < 10 OR customer = 'c1'"),
        False,
        None,
        3,
        0.625,
        (
            {"customer": "c4", "at": "2025-01-31T10:00:00.000Z"},
            {"customer": None, "at": "2025-01-31T10:00:00.000Z"},
            {"customer": "c5", "at": "2025-01-31T10:00:00.000Z"},
        ),
    ),
]


@pytest.fixture(scope="module", params=["pandas", "spark"])
def report(request, spark):
    batch = spark.createDataFrame(ROWS, SCHEMA).coalesce(1)
    reference = spark.createDataFrame(EARLIER, SCHEMA)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "spark":
            patch.setattr(evaluate, "DRIVER_CELLS", 0)
        return validate(batch, [case[0] for case in CASES], reference=reference)


@pytest.mark.parametrize("index", range(len(CASES)), ids=[str(case[0]) for case in CASES])
def test_each_rule_gives_the_counts_worked_out_by_hand(report, index):
    _, holds, observed, unexpected, share, examples = CASES[index]
    result = report.results[index]
    assert result.success is holds
    assert result.observed == (None if observed is None else pytest.approx(observed))
    assert result.unexpected_count == unexpected
    assert result.share == (None if share is None else pytest.approx(share))
    assert sorted(map(str, result.examples)) == sorted(map(str, examples))


@pytest.mark.parametrize("index", range(len(CASES)), ids=[str(case[0]) for case in CASES])
def test_the_rows_that_break_a_rule_are_as_many_as_are_counted(spark, index):
    rule, unexpected = CASES[index][0], CASES[index][3]
    rows = failed_rows(spark.createDataFrame(ROWS, SCHEMA), rule)
    assert (None if rows is None else rows.count()) == unexpected
    assert rows is None or rows.columns == ["id", "customer", "at", "amount"]


def test_rows_of_a_repeated_key_of_several_columns_are_found_where_one_is_missing(spark):
    twice = [(1, "c1", NINE, None), (1, "c1", TEN, None), (2, None, NINE, None)]
    rule = UniquenessRule(type="uniqueness", columns=("customer", "amount"))
    found = failed_rows(spark.createDataFrame(twice, SCHEMA), rule)
    assert [row["id"] for row in found.collect()] == [1, 1]


def test_score_is_the_share_of_rules_that_hold(report):
    held = sum(case[1] for case in CASES)
    assert report.score == pytest.approx(held / len(CASES))
    assert report.success is False
    assert report.row_count == len(ROWS)


def test_names_are_unique_and_readable(report):
    names = [result.name for result in report.results]
    assert len(set(names)) == len(names)
    assert names[:4] == ["row_count", "row_count_2", "row_count_3", "completeness_amount"]
    assert {"uniqueness_id_customer", "profile_amount_median_2", "positive"} <= set(names)
