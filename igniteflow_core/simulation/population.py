"""The population: customers with habits, terminals on a grid, and the terminals near each home."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.simulation.ids import customer_ids, terminal_ids
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

GRID_SIZE = 100.0
SECONDS_PER_HOUR = 3600.0
# The radius shrinks as terminals get denser, so that the neighbour lists stay the same length.
TERMINALS_IN_RADIUS = 30.0

REGION_SHARE = 0.5
REGION_AMOUNT_FACTOR = 2.0
REGION_HOURS_LATER = 6.0


@dataclass(frozen=True)
class Population:
    """Customers and terminals, by position in their arrays.

    ``customer_xy`` and ``terminal_xy`` are (n, 2) grid positions. For each customer:
    ``mean_amount`` in currency units, ``daily_rate`` in transactions, ``peak_second`` of the day.
    The terminals near customer c are ``near[near_start[c]:near_start[c + 1]]``, never none. Their
    ids count from ``first_customer`` and ``first_terminal``; ``region`` is the population that the
    scenario of a new region adds, whose rows the frames also contain.
    """

    customer_xy: NDArray[np.float64]
    terminal_xy: NDArray[np.float64]
    mean_amount: NDArray[np.float64]
    daily_rate: NDArray[np.float64]
    peak_second: NDArray[np.float64]
    near: NDArray[np.int32]
    near_start: NDArray[np.int64]
    first_customer: int = 0
    first_terminal: int = 0
    region: "Population | None" = None

    @property
    def customer_frame(self) -> pd.DataFrame:
        """The customers as a source delivers them: customer_id, x, y."""
        numbers = self.first_customer + np.arange(len(self.customer_xy))
        frame = _positions("customer_id", customer_ids(numbers), self.customer_xy)
        return frame if self.region is None else pd.concat([frame, self.region.customer_frame])

    @property
    def terminal_frame(self) -> pd.DataFrame:
        """The terminals as a source delivers them: terminal_id, x, y."""
        numbers = self.first_terminal + np.arange(len(self.terminal_xy))
        frame = _positions("terminal_id", terminal_ids(numbers), self.terminal_xy)
        return frame if self.region is None else pd.concat([frame, self.region.terminal_frame])


def draw_population(settings: SimulationSettings) -> Population:
    """Draw the customers and terminals of ``settings``; the same for every day.

    In the scenario of a new region they include those of the region, which is outside the grid.
    """
    home = _draw(settings)
    if all(scenario.name != "new_region" for scenario in settings.scenarios):
        return home
    region = _draw(region_settings(settings))
    return replace(
        home,
        region=replace(
            region,
            customer_xy=region.customer_xy + GRID_SIZE,
            terminal_xy=region.terminal_xy + GRID_SIZE,
            mean_amount=region.mean_amount * REGION_AMOUNT_FACTOR,
            peak_second=region.peak_second + REGION_HOURS_LATER * SECONDS_PER_HOUR,
            first_customer=settings.customers,
            first_terminal=settings.terminals,
        ),
    )


def region_settings(settings: SimulationSettings) -> SimulationSettings:
    """The settings of the new region: an own seed, and a share of the customers and terminals."""
    return settings.model_copy(
        update={
            "seed": settings.seed + 1_000_000,
            "customers": max(1, round(settings.customers * REGION_SHARE)),
            "terminals": max(1, round(settings.terminals * REGION_SHARE)),
        }
    )


def _draw(settings: SimulationSettings) -> Population:
    rng = generator(settings.seed, "population")
    radius = np.sqrt(TERMINALS_IN_RADIUS * GRID_SIZE**2 / (np.pi * settings.terminals))
    terminal_xy = rng.uniform(0, GRID_SIZE, (settings.terminals, 2))
    # Homes are placed around terminals, so that every customer has one within the radius.
    anchor = terminal_xy[rng.integers(settings.terminals, size=settings.customers)]
    angle = rng.uniform(0, 2 * np.pi, settings.customers)
    distance = 0.95 * radius * np.sqrt(rng.random(settings.customers))
    offset = distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    customer_xy = np.clip(anchor + offset, 0, GRID_SIZE)
    near, near_start = _terminals_within(customer_xy, terminal_xy, radius)
    return Population(
        customer_xy=customer_xy,
        terminal_xy=terminal_xy,
        mean_amount=rng.lognormal(np.log(40.0), 0.6, settings.customers),
        daily_rate=rng.gamma(4.0, 0.5, settings.customers),
        peak_second=rng.normal(14.0, 3.0, settings.customers) * SECONDS_PER_HOUR,
        near=near,
        near_start=near_start,
    )


def _positions(key: str, ids: list[str], xy: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame({key: ids, "x": xy[:, 0].round(4), "y": xy[:, 1].round(4)})


def _terminals_within(
    homes: NDArray[np.float64], terminals: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Terminals within ``radius`` of each home, as one flat list and where each home's starts.

    The grid is split into square cells at least ``radius`` wide and the terminals are sorted by
    cell; then only the three runs of three cells around a home can contain terminals near it.
    """
    cells = max(1, int(GRID_SIZE // radius))
    home_cell = np.minimum(homes / GRID_SIZE * cells, cells - 1).astype(np.int64)
    terminal_cell = np.minimum(terminals / GRID_SIZE * cells, cells - 1).astype(np.int64)
    flat_cell = terminal_cell[:, 1] * cells + terminal_cell[:, 0]
    by_cell = np.argsort(flat_cell, kind="stable")
    cell_start = np.searchsorted(flat_cell[by_cell], np.arange(cells**2 + 1))

    row = home_cell[:, 1, None] + np.array([-1, 0, 1])
    first = np.maximum(home_cell[:, 0] - 1, 0)[:, None]
    last = np.minimum(home_cell[:, 0] + 1, cells - 1)[:, None]
    inside = (row >= 0) & (row < cells)
    row = np.where(inside, row, 0)
    run_start = cell_start[row * cells + first]
    run_length = np.where(inside, cell_start[row * cells + last + 1] - run_start, 0)

    home = np.repeat(np.arange(len(homes)), run_length.sum(axis=1))
    candidate = by_cell[_concatenated_ranges(run_start.ravel(), run_length.ravel())]
    step = homes[home] - terminals[candidate]
    keep = np.einsum("ij,ij->i", step, step) <= radius**2
    counts = np.bincount(home[keep], minlength=len(homes))
    starts = np.zeros(len(homes) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return candidate[keep].astype(np.int32), starts


def _concatenated_ranges(
    starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """``start, start + 1, ...`` of each range, one after the other."""
    shift = starts - (np.cumsum(lengths) - lengths)
    ranges: NDArray[np.int64] = np.arange(int(lengths.sum())) + np.repeat(shift, lengths)
    return ranges
