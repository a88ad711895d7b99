"""The positions that a transaction carries itself, in a team's own columns."""

from collections.abc import Mapping
from typing import TypedDict

import numpy as np

from igniteflow_core.features.positions import Point, point
from igniteflow_core.schemas.own_columns import COORDINATES, OwnColumns
from igniteflow_core.values.own import OwnValue


class TransactionPoints(TypedDict, total=False):
    """Of the customer's home and of the terminal's place, those that are declared."""

    home: Point
    place: Point


def points_of_transaction(values: Mapping[str, OwnValue], own: OwnColumns) -> TransactionPoints:
    """The positions that a transaction carries itself; none of an entity whose are not declared.

    Args:
        values: of the own columns.
        own: the declared columns.
    """
    given: dict[str, dict[str, float]] = {}
    for name, column in own.items():
        coordinate = COORDINATES.get(column.type)
        if coordinate is not None:
            value = values[name]
            number = (
                value * column.kilometres_per_unit if isinstance(value, int | float) else np.nan
            )
            given.setdefault(coordinate.entity, {})[coordinate.axis] = number
    found: TransactionPoints = {}
    if "customer" in given:
        found["home"] = point(**given["customer"])
    if "terminal" in given:
        found["place"] = point(**given["terminal"])
    return found
