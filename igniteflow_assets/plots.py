"""Plots as metadata that the Dagster UI shows."""

from collections.abc import Mapping

import dagster as dg
from matplotlib.figure import Figure

from igniteflow_core.images import figure_data_uri

PLOTS = "plots"
"""Metadata that holds them."""


def plot_metadata(figures: Mapping[str, Figure]) -> dict[str, dg.MarkdownMetadataValue]:
    """All figures as images inside one Markdown text, which the UI opens by one click.

    Dagster shows a text without a click if it has less than 1,000 characters, which no plot has.
    """
    images = [
        f"### {name.replace('_', ' ')}\n\n![{name}]({figure_data_uri(figure)})"
        for name, figure in figures.items()
    ]
    return {PLOTS: dg.MetadataValue.md("\n\n".join(images))} if images else {}
