"""What validation does at the edges: wrong rules, empty batches, missing references; its report."""

import os
import socket

import pytest
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from pydantic import TypeAdapter, ValidationError

from igniteflow_core.config.quality import (
    CompletenessRule,
    CustomRule,
    PatternRule,
    ProfileRule,
    QualityRule,
    QualitySettings,
    RangeRule,
    RowCountRule,
    UniquenessRule,
)
from igniteflow_core.errors import QualityRuleError
from igniteflow_core.quality import evaluate
from igniteflow_core.quality.expectations import RULE_NAME
from igniteflow_core.quality.report import QualityReport
from igniteflow_core.quality.validate import validate

pytestmark = pytest.mark.spark

SCHEMA = "name string, amount double"
ROW_COUNT = RowCountRule(type="row_count")
MEAN = ProfileRule(type="profile", column="amount", statistic="mean", tolerance=0.25)
EACH_TYPE = [
    ROW_COUNT,
    CompletenessRule(type="completeness", column="amount"),
    UniquenessRule(type="uniqueness", columns=("name",)),
    UniquenessRule(type="uniqueness", columns=("name", "amount")),
    RangeRule(type="range", column="amount", min=0),
    PatternRule(type="pattern", column="name", pattern="^a"),
    CustomRule(type="custom", name="positive", condition="amount > 0"),
]


@pytest.fixture(scope="module")
def frame(spark):
    def build(*rows, schema=SCHEMA):
        return spark.createDataFrame(list(rows), schema)

    return build


def custom(condition, threshold=1.0):
    return CustomRule(type="custom", name="rule", condition=condition, threshold=threshold)


@pytest.mark.parametrize("cells", [evaluate.DRIVER_CELLS, -1], ids=["pandas", "spark"])
def test_in_an_empty_batch_only_row_count_and_profile_fail(frame, monkeypatch, cells):
    monkeypatch.setattr(evaluate, "DRIVER_CELLS", cells)
    report = validate(frame(), [*EACH_TYPE, MEAN], reference=frame(("a", 1.0)))
    assert [result.name for result in report.failed] == ["row_count", "profile_amount_mean"]
    assert report.row_count == 0
    assert {result.share for result in report.results} == {None}
    assert "there are no values" in report.results[-1].explanation


@pytest.mark.parametrize("cells", [evaluate.DRIVER_CELLS, -1], ids=["pandas", "spark"])
def test_a_column_of_missing_values_has_no_mean(frame, monkeypatch, cells):
    monkeypatch.setattr(evaluate, "DRIVER_CELLS", cells)
    batch = frame(("a", None), ("b", float("nan")))
    rules = [MEAN.model_copy(update={"statistic": name}) for name in ("mean", "stdev", "median")]
    report = validate(batch, rules, reference=frame(("a", 1.0), ("b", 2.0)))
    assert [(result.success, result.observed) for result in report.results] == [(False, None)] * 3


@pytest.mark.parametrize("earlier", [None, (), (("a", None),)])
def test_profile_without_earlier_values_passes_and_says_so(frame, earlier):
    reference = None if earlier is None else frame(*earlier)
    report = validate(frame(("a", 1.0)), [MEAN], reference=reference)
    assert report.success
    assert "no earlier values to compare with" in report.results[0].explanation


def test_profile_bounds_of_a_negative_mean_lie_on_both_sides(frame):
    reference = frame(("a", -8.0))
    held = [
        validate(frame(("a", amount)), [MEAN], reference=reference).success
        for amount in (-10.0, -6.0, -10.1, -5.9)
    ]
    assert held == [True, True, False, False]


def test_absent_columns_are_named_with_those_there_are(frame):
    rules = [RangeRule(type="range", column="amuont", min=0), *EACH_TYPE]
    with pytest.raises(QualityRuleError, match=r"not exist: amuont[^$]*columns name, amount"):
        validate(frame(), rules, reference=None)


def test_reference_without_the_column_is_refused(frame):
    with pytest.raises(QualityRuleError, match=r"not exist: amount[^$]*reference"):
        validate(frame(), [MEAN], reference=frame(schema="name string"))


@pytest.mark.parametrize(
    "rule",
    [
        RangeRule(type="range", column="name", min=0),
        PatternRule(type="pattern", column="amount", pattern="1"),
        MEAN.model_copy(update={"column": "name"}),
    ],
)
def test_column_of_a_type_that_does_not_suit_the_rule_is_refused(frame, rule):
    with pytest.raises(QualityRuleError, match="cannot check column"):
        validate(frame(), [rule], reference=None)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("amuont > 0", "amuont"),
        ("amount >", "SYNTAX"),
        ("amount + 1", "returns double, not true or false"),
    ],
)
def test_condition_that_is_no_boolean_sql_is_refused(frame, condition, reason):
    with pytest.raises(QualityRuleError, match=f"custom rule rule cannot be evaluated.*{reason}"):
        validate(frame(), [custom(condition)], reference=None)


def test_condition_that_fails_on_a_value_is_refused(frame):
    with pytest.raises(QualityRuleError, match="cannot be evaluated"):
        validate(frame(("a", 1.0)), [custom("cast(name AS int) > 0")], reference=None)


def test_failure_inside_great_expectations_is_never_a_pass(frame):
    broken = ExpectColumnValuesToNotBeNull(column="absent", meta={RULE_NAME: "broken"})
    with pytest.raises(QualityRuleError, match="could not evaluate rule broken"):
        evaluate.evaluate(frame(("a", 1.0)), 1, [broken])


def test_a_pattern_that_is_no_regular_expression_is_refused_by_name(frame):
    rule = PatternRule(type="pattern", column="name", pattern="(")
    with pytest.raises(QualityRuleError, match="not a regular expression") as caught:
        validate(frame(("a", 1.0)), [rule], reference=None)
    assert caught.value.where == "quality rule pattern_name"


def test_large_keys_beside_a_gap_stay_different(frame):
    batch = frame((2**60,), (2**60 + 1,), (None,), schema="key bigint")
    rule = UniquenessRule(type="uniqueness", columns=("key",))
    assert validate(batch, [rule], reference=None).success


def test_examples_are_few_and_different(frame):
    batch = frame(*((f"b{index % 7}", 1.0) for index in range(100)))
    rule = PatternRule(type="pattern", column="name", pattern="^a")
    result = validate(batch, [rule], reference=None).results[0]
    assert result.unexpected_count == 100
    assert len(result.examples) == len(set(result.examples)) == 5


def test_custom_rules_of_one_name_are_each_evaluated(frame):
    rules = [custom("amount > 0"), custom("amount > 5"), custom("amount > 0")]
    report = validate(frame(("a", 1.0)), rules, reference=None)
    assert {result.name: result.success for result in report.results} == {
        "rule": True,
        "rule_2": False,
        "rule_3": True,
    }


def test_batch_keeps_no_cache_of_the_validation(frame):
    batch = frame(("a", 1.0))
    cached = batch.sparkSession.sparkContext._jsc.getPersistentRDDs
    before = cached().size()
    validate(batch, EACH_TYPE, reference=None)
    assert cached().size() == before


def test_validation_writes_no_file_opens_no_connection_and_prints_nothing(
    frame, tmp_path, monkeypatch, capfd
):
    batch = frame(("a", 1.0))
    monkeypatch.chdir(tmp_path)
    connect = socket.socket.connect

    def only_local(self, address):
        assert self.family == socket.AF_UNIX or address[0] in {"127.0.0.1", "localhost", "::1"}
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_local)
    assert validate(batch, EACH_TYPE, reference=None).success
    assert os.listdir(tmp_path) == []
    assert "Calculating Metrics" not in capfd.readouterr().err


def test_explanations_say_what_was_asked_and_found(frame):
    batch = frame(("a", 1.0), ("a", 3.0), ("b", None))
    rules = [*EACH_TYPE, RangeRule(type="range", column="amount", max=2, threshold=0.5), MEAN]
    report = validate(batch, rules, reference=frame(("a", 4.0)))
    assert [result.explanation for result in report.results] == [
        "The number of rows is at least 1: it is 3.",
        "All rows have a value in amount: 1 of 3 break it, 66.6667 % satisfy it.",
        "No two rows are equal in name: 2 of 3 break it, 33.3333 % satisfy it.",
        "No two rows are equal in name, amount: 0 of 3 break it, 100 % satisfy it.",
        "All values of amount are at least 0: 0 of 2 break it, 100 % satisfy it.",
        "All values of name match ^a: 1 of 3 break it, 66.6667 % satisfy it.",
        "All rows satisfy amount > 0: 1 of 3 break it, 66.6667 % satisfy it.",
        "At least 50 % of the values of amount are at most 2: 1 of 2 break it, 50 % satisfy it.",
        "The mean of amount is between 3 and 5, within 25 % of 4 in earlier days: it is 2.",
    ]


def test_markdown_lists_failures_first_and_keeps_its_columns(frame):
    rules = [ROW_COUNT, PatternRule(type="pattern", column="name", pattern="^(?:x|y)$")]
    lines = validate(frame(("a|b", 1.0)), rules, reference=None).to_markdown().splitlines()
    assert lines[2].startswith("| pattern_name | NO |")
    assert lines[2].endswith("| a\\|b |")
    assert lines[3].startswith("| row_count | yes |")


def test_report_without_rules_has_full_score():
    report = QualityReport(row_count=3, results=())
    assert (report.success, report.score) == (True, 1.0)


def test_rules_come_from_settings_by_their_type(frame):
    rule = TypeAdapter(QualityRule).validate_python({"type": "row_count", "min": 2})
    assert validate(frame(("a", 1.0)), [rule], reference=None).results[0].observed == 1.0


def test_profile_rules_of_a_table_share_their_reference():
    rules = (MEAN, MEAN.model_copy(update={"reference_days": 7}))
    with pytest.raises(ValidationError, match=r"same reference_days, not \[7, 14\]"):
        QualitySettings(rules=rules)
