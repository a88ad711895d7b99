"""Figures of a drift report: the PSI of each feature, and the distributions that shifted most."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from igniteflow_core.drift.bins import FloatArray
from igniteflow_core.drift.effect_size import float_values
from igniteflow_core.drift.report import DriftReport, FeatureDrift

_DRIFTED = "#c0392b"
_STABLE = "#5b7f95"
_SAMPLE_COLORS = {"reference": _STABLE, "current": _DRIFTED}
_ALPHA = 0.5
_PANELS_A_ROW = 3
_HISTOGRAM_BINS = 40
_SHOWN_SHARE = (0.001, 0.999)


def plot_psi(report: DriftReport) -> Figure:
    """A bar per feature, its length the PSI; drifted bars are red.

    The threshold is a line, and a feature with a higher limit has a mark at its limit.
    """
    features = report.by_psi()[::-1]
    figure = Figure(figsize=(8, 1.2 + 0.28 * len(features)), layout="constrained")
    axes = figure.subplots()
    axes.barh(
        [feature.feature for feature in features],
        [feature.psi for feature in features],
        color=[_DRIFTED if feature.drifted else _STABLE for feature in features],
    )
    axes.axvline(report.psi_threshold, color="black", linestyle="--", linewidth=1)
    raised = [feature for feature in features if feature.psi_limit > report.psi_threshold]
    axes.scatter(
        [feature.psi_limit for feature in raised],
        [feature.feature for feature in raised],
        marker="|",
        color="black",
    )
    axes.set_xlabel(f"population stability index (dashed: threshold {report.psi_threshold:g})")
    axes.set_title(f"{len(report.drifted)} of {len(features)} features drifted")
    return figure


def plot_distributions(
    report: DriftReport, reference: pd.DataFrame, current: pd.DataFrame, *, panels: int
) -> Figure:
    """Histograms of both frames, as densities, of the ``panels`` features with the largest PSI.

    The bins span the inner 99.8 % of both samples, so that outliers do not flatten the rest.
    """
    shown = report.by_psi()[:panels]
    rows = -(-len(shown) // _PANELS_A_ROW)
    columns = min(len(shown), _PANELS_A_ROW)
    figure = Figure(figsize=(3.6 * columns, 2.6 * rows + 0.4), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, drift in zip(grid.flat, shown, strict=False):
        _draw_panel(axes, drift, _finite(reference[drift.feature]), _finite(current[drift.feature]))
    for axes in grid.flat[len(shown) :]:
        axes.set_axis_off()
    handles = [
        Patch(color=color, alpha=_ALPHA, label=name) for name, color in _SAMPLE_COLORS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize="small")
    return figure


def _draw_panel(
    axes: Axes, drift: FeatureDrift, reference: FloatArray, current: FloatArray
) -> None:
    axes.set_title(f"{drift.feature}: PSI {drift.psi:.3f}", fontsize="medium")
    both = np.concatenate([reference, current])
    if both.size == 0:
        axes.text(0.5, 0.5, "no values", ha="center", va="center", transform=axes.transAxes)
        return
    low, high = np.quantile(both, _SHOWN_SHARE)
    edges = np.histogram_bin_edges(both, bins=_HISTOGRAM_BINS, range=(low, high)).tolist()
    for sample, color in zip((reference, current), _SAMPLE_COLORS.values(), strict=True):
        inside = sample[(sample >= low) & (sample <= high)]
        if inside.size:
            axes.hist(inside, bins=edges, density=True, alpha=_ALPHA, color=color)
    axes.tick_params(labelsize="small")


def _finite(column: "pd.Series[float]") -> FloatArray:
    values = float_values(column)
    return values[np.isfinite(values)]
