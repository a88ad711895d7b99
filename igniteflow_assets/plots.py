"""Plots as metadata that the Dagster UI shows."""

import base64
from collections.abc import Mapping
from io import BytesIO

import dagster as dg
from matplotlib.figure import Figure


def plot_metadata(figures: Mapping[str, Figure]) -> dict[str, dg.MarkdownMetadataValue]:
    """The figures as images inside Markdown, by name."""
    return {name: dg.MetadataValue.md(_image(name, figure)) for name, figure in figures.items()}


def _image(name: str, figure: Figure) -> str:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return f"![{name}](data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()})"
