import numpy as np
import pytest

from igniteflow_core.simplex import simplex_grid


def test_simplex_grid_holds_every_vertex_once_and_sums_to_one():
    grid = simplex_grid(3, 20)

    assert len(grid) == len({tuple(point) for point in grid}) == 231
    assert grid.sum(axis=1) == pytest.approx(1)
    assert all(any(np.array_equal(point, vertex) for point in grid) for vertex in np.eye(3))
