"""The columns of a source that a team can declare as its own."""

import pandas as pd
import pytest

from igniteflow_core.connect.looks import look_of
from igniteflow_core.connect.own_columns import own_columns

ROWS = 40


def chosen(**columns):
    rows = pd.DataFrame(columns)
    looks = {name: look_of(rows[name]) for name in rows.columns}
    return own_columns(rows, looks, list(rows.columns))


def repeated(*values):
    return [values[number % len(values)] for number in range(ROWS)]


def numbered(form):
    return [form.format(number) for number in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "values", "type_"),
    [
        ("category", repeated("gas", "food", None), "categorical"),
        ("city_pop", numbered("{}.5"), "numeric"),
        ("balance", numbered("{},50"), "numeric"),
        ("MCC", repeated("5411", "5812"), "categorical"),
        ("zip", repeated("10115", "80331"), "categorical"),
        ("is_guest", repeated("yes", "no"), "boolean"),
        ("device_ip", numbered("10.0.{}.7"), "ip"),
        ("contact", numbered("someone{}@example.com"), "email"),
        ("account_age_days", numbered("{}"), "numeric"),
    ],
)
def test_a_column_is_proposed_with_the_type_that_its_values_have(name, values, type_):
    choice = chosen(**{name: values})
    assert list(choice.types.values()) == [type_]
    assert list(choice.columns.values()) == [name]


@pytest.mark.parametrize(
    ("columns", "types"),
    [
        (
            {"lat": "48.{}", "long": "-11.{}", "merch_lat": "47.{}", "merch_long": "-12.{}"},
            ["customer_latitude", "customer_longitude", "terminal_latitude", "terminal_longitude"],
        ),
        ({"Latitude": "48.{}", "Longitude": "11.{}"}, ["terminal_latitude", "terminal_longitude"]),
        ({"homeLat": "48.{}", "homeLng": "11.{}"}, ["customer_latitude", "customer_longitude"]),
        ({"lat": "48.{}"}, ["numeric"]),
        ({"lat": "948.{}", "long": "11.{}"}, ["numeric", "numeric"]),
    ],
)
def test_two_columns_of_degrees_are_proposed_as_a_position(columns, types):
    choice = chosen(**{name: numbered(form) for name, form in columns.items()})
    assert list(choice.types.values()) == types


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("session", numbered("a{}b"), "a different value"),
        ("country", repeated("DE"), "one value only"),
        ("empty", repeated(None), "no value"),
        ("created", numbered("2025-01-06T10:{:02}:00Z"), "a time"),
        ("isFlaggedFraud", repeated("0", "1"), "leak the label"),
        ("gender", repeated("F", "M"), "identify a person"),
        ("first", repeated("Ada", "Bob"), "identify a person"),
    ],
)
def test_a_column_that_should_not_or_cannot_tell_is_left_out_with_the_reason(name, values, reason):
    choice = chosen(**{name: values})
    assert choice.types == {}
    assert reason in choice.left_out[name]


def test_a_name_that_cannot_be_one_gets_one_that_can():
    values = repeated("a", "b")
    choice = chosen(**{"Partition": values, "Händler Ort": values, "score": values, "7up": values})
    assert list(choice.columns.items()) == [
        ("own_partition", "Partition"),
        ("h_ndler_ort", "Händler Ort"),
        ("own_score", "score"),
        ("own_7up", "7up"),
    ]
