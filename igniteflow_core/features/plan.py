"""Which measures of one event are taken over the same rows, found once for all transactions."""

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
    """Features of one entity, those that look at the same rows together.

    Attributes:
        label_delay: microseconds.
        ages: of the ends of their windows, microseconds.
        groups: what each group looks at, its window, and its features.
        most: how many of the newest events up to the row they look at; None for all.
    """

    label_delay: int
    ages: Ints
    groups: tuple[tuple[Over, int, tuple[_Part, ...]], ...]
    most: int | None = None

    def measure(self, entity: OneEntity, row: int, values: list[float]) -> None:
        """Write each feature at a row into its place of ``values``."""
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
    """The plan of those of the features that are the entity's.

    Args:
        entity: whose features.
        features: of any entities.
        positions: the place of each feature, by its name.
        label_delay: microseconds.
        most: see ``Plan``.
    """
    alike: dict[tuple[Over, int], list[_Part]] = {}
    for feature in features:
        if feature.entity == entity:
            part = _Part(positions[feature.name], feature.measure, feature.default)
            looks_at = feature.over, feature.window // MICROSECOND
            alike.setdefault(looks_at, []).append(part)
    windows = {window for _, window in alike}
    ages = windows | {window + label_delay for window in windows} | {label_delay}
    return Plan(
        label_delay=label_delay,
        ages=np.array(sorted(ages), dtype=np.int64),
        groups=tuple((*looks_at, tuple(parts)) for looks_at, parts in alike.items()),
        most=most,
    )
