"""Groups the measures of one event by their lookback, once for all transactions."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import numpy as np

from igniteflow_core.features.events import Over, row_bounds
from igniteflow_core.features.feature import MICROSECOND, Entity, Feature
from igniteflow_core.features.lookback import Measure
from igniteflow_core.features.one_lookback import OneEntity, OneLookback
from igniteflow_core.features.windows import Ints


class _Part(NamedTuple):
    position: int
    measure: Measure
    default: float


@dataclass(frozen=True)
class Plan:
    """Features of one entity, grouped by their lookback.

    Attributes:
        label_delay: label delay in microseconds.
        ages: ages of the ends of their windows in microseconds.
        groups: kind of lookback, window and features of each group.
        most: maximum number of newest events up to the row in a lookback; None for all.
    """

    label_delay: int
    ages: Ints
    groups: tuple[tuple[Over, int, tuple[_Part, ...]], ...]
    most: int | None = None

    def measure(self, entity: OneEntity, row: int, values: list[float]) -> None:
        """Write each feature at a row to its position in ``values``."""
        time = entity.events.time
        first_rows = time.searchsorted(time[row] - self.ages, side="right").tolist()
        if self.most is not None:
            first_rows = [max(first, row + 1 - self.most) for first in first_rows]
        after = dict(zip(self.ages.tolist(), first_rows, strict=True)).__getitem__
        for over, window, parts in self.groups:
            bounds = row_bounds(over, row, window, self.label_delay, after)
            rows = OneLookback(entity, row, *bounds)
            for position, measure, default in parts:
                measured = measure(rows)
                values[position] = default if isnan(measured) else measured


def plan_of(
    entity: Entity,
    features: tuple[Feature, ...],
    positions: Mapping[str, int],
    label_delay: int,
    most: int | None = None,
) -> Plan:
    """The plan of the entity's features.

    Args:
        entity: entity whose features are selected.
        features: features of any entities.
        positions: position of each feature, by its name.
        label_delay: label delay in microseconds.
        most: see ``Plan``.
    """
    groups: dict[tuple[Over, int], list[_Part]] = {}
    for feature in features:
        if feature.entity == entity:
            part = _Part(positions[feature.name], feature.measure, feature.default)
            lookback = feature.over, feature.window // MICROSECOND
            groups.setdefault(lookback, []).append(part)
    windows = {window for _, window in groups}
    ages = windows | {window + label_delay for window in windows} | {label_delay}
    return Plan(
        label_delay=label_delay,
        ages=np.array(sorted(ages), dtype=np.int64),
        groups=tuple((*lookback, tuple(parts)) for lookback, parts in groups.items()),
        most=most,
    )
