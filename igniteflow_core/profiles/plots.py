"""Small plots of the values of one column."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

COLOR = "#5b7f95"
MOST_COMMON = 12
"""So many different values at most are shown as bars of their own."""

_SIZE = (4.2, 2.2)
_LONGEST_NAME = 24
_ALL_BINS_UP_TO = 12


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


def plot_quantiles(quantiles: Sequence[float], *, times: bool = False) -> Figure:
    """The density of values by their quantiles, without the outermost bin at each end.

    Args:
        quantiles: ascending; as many rows lie between one and the next.
        times: the values are seconds since 1970.
    """
    # A value that many rows have is several quantiles; its rows count below its first edge.
    edges, places = np.unique(quantiles[::-1], return_index=True)
    last = len(quantiles) - 1 - places
    shares = np.diff(last, prepend=-1) / (len(quantiles) - 1)
    density = shares[1:] / np.diff(edges)
    if len(density) > _ALL_BINS_UP_TO:
        edges, density = edges[1:-1], density[1:-1]
    figure = plot_histogram(edges.tolist(), density.tolist())
    (axes,) = figure.axes
    axes.set_ylabel("density")
    axes.set_yticks([])
    if times:
        axes.xaxis.set_major_formatter(lambda seconds, _: f"{np.datetime64(int(seconds), 's'):.10}")
        axes.xaxis.set_major_locator(MaxNLocator(3))
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
