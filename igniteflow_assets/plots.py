"""Plots as metadata that the Dagster UI shows."""

from collections.abc import Mapping

import dagster as dg
from matplotlib.figure import Figure

from igniteflow_core.images import figure_data_uri


def plot_metadata(figures: Mapping[str, Figure]) -> dict[str, dg.MarkdownMetadataValue]:
    """The figures as images inside Markdown, by name."""
    return {
        name: dg.MetadataValue.md(f"![{name}]({figure_data_uri(figure)})")
        for name, figure in figures.items()
    }
