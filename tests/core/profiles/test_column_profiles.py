"""Profiles of columns beside what was counted by hand."""

import pytest

from igniteflow_core.profiles.columns import QUANTILES, column_profiles
from igniteflow_core.profiles.page import TableProfile, profile_page

pytestmark = pytest.mark.spark


def test_every_type_has_the_figures_that_people_read(spark):
    rows = spark.sql(
        """
        SELECT id, if(id < 90, 'often', if(id < 99, 'seldom', NULL)) AS text,
               if(id % 10 = 0, double('NaN'), id / 2) AS number, id % 4 = 0 AS flag,
               date_add(date'2025-01-01', CAST(id AS int)) AS day,
               timestamp'2025-01-01 00:00:00' + make_interval(0, 0, 0, 0, id) AS time,
               sequence(0, id % 3) AS list, named_struct('a', id) AS nested,
               CAST(id AS decimal(10, 2)) AS price, id AS `odd.``name`
        FROM range(101)
        """
    )
    count, profiles = column_profiles(rows)
    assert count == 101
    of = {each.name: each for each in profiles}
    assert [each.name for each in profiles] == rows.columns

    assert of["text"].nulls == 2
    assert of["text"].most_common == (("often", 90), ("seldom", 9))
    assert (of["number"].nulls, of["number"].quantiles[-1]) == (11, "49.5")
    assert dict(of["flag"].most_common) == {"true": 26, "false": 75}
    median = QUANTILES.index(0.5)
    assert (of["id"].quantiles[0], of["id"].quantiles[median], of["id"].quantiles[-1]) == (
        "0", "50", "100",
    )  # fmt: skip
    assert of["day"].quantiles[median] == "2025-02-20"
    assert of["time"].quantiles[-1] == "2025-01-05 04:00:00"
    assert (of["list"].quantiles[0], of["list"].quantiles[-1]) == ("1", "3")
    assert (of["nested"].distinct, of["nested"].quantiles, of["nested"].most_common) == (
        None, (), (),
    )  # fmt: skip
    assert of["price"].quantiles[-1] == "100"
    assert of["odd.`name"].nulls == 0
    assert (of["id"].edges[0], of["id"].edges[20], of["id"].edges[-1]) == (0.0, 50.0, 100.0)
    assert abs(of["id"].distinct - 101) <= 5


def test_a_table_without_rows_has_a_page_too(spark):
    count, profiles = column_profiles(spark.sql("SELECT id, 'a' AS text FROM range(0)"))
    page = profile_page([TableProfile("nothing", "all days", count, tuple(profiles))])
    assert count == 0
    assert "0 rows, all days" in page
    assert "no values" in page


def test_what_a_table_holds_is_escaped(spark):
    count, profiles = column_profiles(spark.sql("SELECT 1 AS `<script>`"))
    page = profile_page([TableProfile("<b>", "all days", count, tuple(profiles))])
    assert "<script>" not in page
    assert "<b>" not in page
