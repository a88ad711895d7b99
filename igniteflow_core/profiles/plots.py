"""Small plots of the values of one column."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

COLOR = "#5b7f95"
MOST_COMMON = 12
"""So many different values at most are shown as bars of their own."""

_SIZE = (4.2, 2.2)
_LONGEST_NAME = 24


def plot_histogram(edges: Sequence[float], counts: Sequence[float]) -> Figure:
    """Rows by value.

    Args:
        edges: of the bins, one more than ``counts``, ascending.
        counts: rows of each bin.
    """
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.stairs(counts, edges, fill=True, color=COLOR)
    axes.set_ylabel("rows")
    return _plain(figure)


def plot_bins(bins: Sequence[tuple[float, float]], unit: str = "rows for each unit") -> Figure:
    """The density of bins of unequal width.

    Args:
        bins: centre and number of rows of each, ascending by the centre.
        unit: what the height of a bin counts.
    """
    centres = np.array([centre for centre, _ in bins])
    counts = np.array([count for _, count in bins])
    between = (centres[1:] + centres[:-1]) / 2
    half = (centres[1] - centres[0]) / 2 if len(centres) > 1 else 0.5
    last = (centres[-1] - centres[-2]) / 2 if len(centres) > 1 else 0.5
    edges = np.concatenate([[centres[0] - half], between, [centres[-1] + last]])
    figure = plot_histogram(edges.tolist(), (counts / np.diff(edges)).tolist())
    figure.axes[0].set_ylabel(unit)
    return figure


def plot_most_common(values: Sequence[tuple[str, int]]) -> Figure:
    """A bar for each value, the most common one on top.

    Args:
        values: each with its number of rows, the most common one first.
    """
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    shown = values[::-1]
    axes.barh(
        range(len(shown)), [count for _, count in shown], color=COLOR,
        tick_label=[name[:_LONGEST_NAME] for name, _ in shown],
    )  # fmt: skip
    axes.set_xlabel("rows")
    return _plain(figure)


def _plain(figure: Figure) -> Figure:
    (axes,) = figure.axes
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7)
    return figure
