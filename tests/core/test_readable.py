import math

import pytest

from igniteflow_core.readable import readable, readable_numbers


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.8389123456, 0.8389),
        (0.000012345678, 0.00001235),
        (12.345678, 12.35),
        (-0.123456, -0.1235),
        (153_306.51, 153_307.0),
        (1_234.5678, 1_235.0),
        (0.0, 0.0),
        (math.inf, math.inf),
    ],
)
def test_a_number_has_four_digits_and_none_of_a_large_one_is_lost(number, shown):
    assert readable(number) == shown


def test_what_is_no_number_stays_so():
    assert math.isnan(readable(math.nan))


def test_counts_stay_as_they_are():
    assert readable_numbers({"rows": 12_345_678, "share": 0.123456}) == {
        "rows": 12_345_678,
        "share": 0.1235,
    }
