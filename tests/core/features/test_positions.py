"""Distances between positions, against values of other sources and worked out by hand."""

import numpy as np
import pyarrow as pa
import pytest

from igniteflow_core.features.own_positions import points_of_transaction
from igniteflow_core.features.positions import (
    UNKNOWN_POINT,
    distance_km,
    point,
    with_points,
)
from igniteflow_core.schemas.own_columns import OwnColumn

MUNICH, SYDNEY = point(latitude=48.137, longitude=11.575), point(latitude=-33.87, longitude=151.21)


@pytest.mark.parametrize(
    ("a", "b", "kilometres"),
    [
        (point(0.0, 0.0), point(3.0, 4.0), 5.0),
        # A quarter and a half of the equator of a sphere of the mean radius of the Earth.
        (point(latitude=0.0, longitude=0.0), point(latitude=0.0, longitude=90.0), 10_007.557),
        (point(latitude=0.0, longitude=-90.0), point(latitude=0.0, longitude=90.0), 20_015.114),
        (point(latitude=90.0, longitude=17.0), point(latitude=90.0, longitude=-60.0), 0.0),
        (point(latitude=0.0, longitude=179.5), point(latitude=0.0, longitude=-179.5), 111.195),
        (MUNICH, MUNICH, 0.0),
    ],
)
def test_a_distance_is_in_kilometres(a, b, kilometres):
    assert distance_km(a, b) == pytest.approx(kilometres, abs=5e-4)
    assert distance_km(b, a) == distance_km(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (MUNICH, UNKNOWN_POINT),
        (point(1.0, 2.0), UNKNOWN_POINT),
        (UNKNOWN_POINT, UNKNOWN_POINT),
        (MUNICH, point(1.0, 2.0)),
        (MUNICH, point(latitude=1.0)),
        (point(1.0, 2.0), point(1.0)),
    ],
)
def test_there_is_no_distance_to_what_is_not_known_or_of_another_kind(a, b):
    assert np.isnan(distance_km(a, b))


def test_many_distances_are_those_of_one_by_one_to_the_last_bit():
    rng = np.random.default_rng(0)
    given = {
        "customer_latitude": rng.uniform(-90, 90, 10_000),
        "customer_longitude": rng.uniform(-180, 180, 10_000),
        "terminal_latitude": rng.uniform(-90, 90, 10_000),
        "terminal_longitude": rng.uniform(-180, 180, 10_000),
    }
    table = with_points(pa.table(given))
    homes, places = (
        [table[f"{kind}_{axis}"].to_numpy() for axis in "xyz"] for kind in ("customer", "terminal")
    )
    many = distance_km(tuple(homes), tuple(places))
    one_by_one = [
        distance_km(point(latitude=a, longitude=b), point(latitude=c, longitude=d))
        for a, b, c, d in zip(*(values.tolist() for values in given.values()), strict=True)
    ]
    assert many.tolist() == one_by_one


def test_a_transaction_has_the_positions_that_its_own_columns_declare():
    own = {
        "lat": OwnColumn(type="customer_latitude"),
        "long": OwnColumn(type="customer_longitude"),
        "east": OwnColumn(type="terminal_x", kilometres_per_unit=0.001),
        "north": OwnColumn(type="terminal_y", kilometres_per_unit=0.001),
        "category": OwnColumn(type="categorical"),
    }
    values = {"lat": 48.137, "long": 11.575, "east": 1500.0, "north": 2500.0, "category": "food"}
    found = points_of_transaction(values, own)
    assert found["home"] == MUNICH
    assert found["place"] == pytest.approx((1.5, 2.5, np.nan), nan_ok=True)
    unknown = points_of_transaction(values | {"lat": None}, own)
    assert np.isnan(unknown["home"]).all()
    assert points_of_transaction({}, {}) == {}
