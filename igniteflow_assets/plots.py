"""Plots as metadata for the Dagster UI."""

from collections.abc import Mapping

import dagster as dg
from matplotlib.figure import Figure

from igniteflow_core.images import figure_data_uri

PLOTS = "plots"
"""Name of the metadata entry with the plots."""


def plot_metadata(figures: Mapping[str, Figure]) -> dict[str, dg.MarkdownMetadataValue]:
    """Return one Markdown entry with all figures as images, which the UI opens with one click.

    Dagster shows a text without a click only if it is shorter than 1,000 characters.
    """
    images = [
        f"### {name.replace('_', ' ')}\n\n![{name}]({figure_data_uri(figure)})"
        for name, figure in figures.items()
    ]
    return {PLOTS: dg.MetadataValue.md("\n\n".join(images))} if images else {}
