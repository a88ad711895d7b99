"""Bins made from the reference, into which both samples are counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CodeArray = NDArray[np.intp]

MAX_DISCRETE_VALUES = 10
"""Up to this many distinct reference values, each value is a bin; above it, each decile is."""

_DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True)
class Bins:
    """Bins of a numeric column; the last bin has the missing values (NaN).

    The deciles of the reference are the edges; deciles that ties make equal are one edge, and a
    value on an edge is in the bin below it. A discrete reference has a bin for each of its
    values, and one for each gap before, between and after them, so that new values are detected.

    Attributes:
        edges: distinct values in ascending order.
        discrete: whether each edge is a bin of its own.
    """

    edges: FloatArray
    discrete: bool

    @classmethod
    def of(cls, reference: FloatArray) -> "Bins":
        """Make bins from ``reference``, shape (rows,)."""
        present = reference[~np.isnan(reference)]
        values = np.unique(present)
        if values.size <= MAX_DISCRETE_VALUES:
            return cls(values, discrete=True)
        return cls(np.unique(np.quantile(present, _DECILES)), discrete=False)

    @property
    def count(self) -> int:
        """The number of bins."""
        return 2 * self.edges.size + 2 if self.discrete else self.edges.size + 2

    def codes(self, sample: FloatArray) -> CodeArray:
        """The number of each value's bin, shape (rows,), from 0 to ``count - 1``."""
        position = np.searchsorted(self.edges, sample, side="left")
        if self.discrete:
            # Even bins are the gaps, odd bins the edges themselves.
            position = position + np.searchsorted(self.edges, sample, side="right")
        return np.where(np.isnan(sample), self.count - 1, position)
