"""Plots as images that stand inside a text."""

import base64
from io import BytesIO

from matplotlib.figure import Figure

_DOTS_PER_INCH = 80


def figure_data_uri(figure: Figure) -> str:
    """The figure as PNG in a data URI, as Markdown and HTML take it for an image's address."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH)
    return png_data_uri(buffer.getvalue())


def png_data_uri(image: bytes) -> str:
    """The bytes of a PNG file as such an address."""
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"
