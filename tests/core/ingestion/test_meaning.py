"""Rows in many true forms and with one lie: a short form of ``python -m benchmarks.meaning``."""

from benchmarks.meaning.hold import hold


def test_deliveries_give_the_rows_that_they_mean_and_no_lie(spark, tmp_path):
    found = hold(spark, tmp_path, seed=17, days=4)
    assert found.faults == []
    assert found.forms["truth"] == 36
    assert found.forms.total() == 81
