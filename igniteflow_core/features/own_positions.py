"""The positions that a transaction contains itself, in a team's own columns."""

from collections.abc import Mapping
from typing import TypedDict

import numpy as np

from igniteflow_core.features.positions import Point, point
from igniteflow_core.schemas.own_columns import COORDINATES, OwnColumns
from igniteflow_core.values.own import OwnValue


class TransactionPoints(TypedDict, total=False):
    """The declared positions: the customer's home, the terminal's place, or both."""

    home: Point
    place: Point


def points_of_transaction(values: Mapping[str, OwnValue], own: OwnColumns) -> TransactionPoints:
    """The positions that a transaction contains itself, without those that are not declared.

    Args:
        values: values of the own columns.
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
    points: TransactionPoints = {}
    if "customer" in given:
        points["home"] = point(**given["customer"])
    if "terminal" in given:
        points["place"] = point(**given["terminal"])
    return points
