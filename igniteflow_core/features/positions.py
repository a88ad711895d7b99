"""Positions as the features use them: three numbers, on a plane or in space.

A position in degrees is a point of a sphere: kilometres from the centre of the Earth along three
axes, so that a distance needs only the difference of two of them. A position on a plane is
``x`` and ``y`` in kilometres, and its ``z`` is NaN. All three are NaN where nothing is known.
"""

from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from igniteflow_core.features.arithmetic import (
    Value,
    arc_sine,
    floor,
    is_nan,
    minimum,
    square_root,
    where,
)

EARTH_RADIUS_KM: Final = 6371.0088
"""The mean radius of WGS84's ellipsoid; distances on the sphere are within 0.6 % of its own."""

_PER_MILLIMETRE: Final = 1e6
AXES: Final = ("x", "y", "z")
GIVEN: Final = ("x", "y", "latitude", "longitude")
"""The columns of a position in a table."""

Point: TypeAlias = tuple[float, float, float]
"""The values of ``AXES`` of one position."""

UNKNOWN_POINT: Final[Point] = (np.nan, np.nan, np.nan)


def distance_km(a: tuple[Value, Value, Value], b: tuple[Value, Value, Value]) -> Value:
    """Kilometres between positions: straight on a plane, along the great circle on the sphere.

    The distance is NaN if a position is unknown, or if only one of them is on a plane. A distance
    on the sphere is whole millimetres, because the last bits of a sine differ between processors.
    """
    dx, dy, dz = (one - other for one, other in zip(a, b, strict=True))
    flat = dx * dx + dy * dy
    half_angle = arc_sine(minimum(square_root(flat + dz * dz) / (2 * EARTH_RADIUS_KM), 1.0))
    arc = floor(2 * EARTH_RADIUS_KM * half_angle * _PER_MILLIMETRE + 0.5) / _PER_MILLIMETRE
    on_plane = is_nan(a[2]) & is_nan(b[2])
    return where(on_plane, square_root(flat), arc)


def point(
    x: float | None = None,
    y: float | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Point:
    """One position from the columns of a table."""
    given = (np.nan if each is None else each for each in (x, y, latitude, longitude))
    x_km, y_km, z_km = (float(axis) for axis in _points(*given))
    return x_km, y_km, z_km


def with_points(events: pa.Table) -> pa.Table:
    """The table with ``AXES`` of customers and terminals instead of ``GIVEN``.

    Args:
        events: table with those of the columns customer_x to terminal_longitude that are known.
    """
    nothing = np.full(events.num_rows, np.nan)
    for kind in ("customer", "terminal"):
        names = [f"{kind}_{name}" for name in GIVEN]
        known = [name for name in names if name in events.column_names]
        axes = _points(*(events[name].to_numpy() if name in known else nothing for name in names))
        events = events.drop_columns(known)
        for axis, values in zip(AXES, axes, strict=True):
            events = events.append_column(f"{kind}_{axis}", pa.array(values))
    return events


def _points(
    x: ArrayLike, y: ArrayLike, latitude: ArrayLike, longitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    phi, lamda = np.radians(latitude), np.radians(longitude)
    on_sphere = ~np.isnan(phi + lamda)
    from_axis = EARTH_RADIUS_KM * np.cos(phi)
    return (
        np.where(on_sphere, from_axis * np.cos(lamda), x),
        np.where(on_sphere, from_axis * np.sin(lamda), y),
        np.where(on_sphere, EARTH_RADIUS_KM * np.sin(phi), np.nan),
    )
