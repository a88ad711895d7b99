"""Plots as images that are embedded in a text."""

import base64
from io import BytesIO

from matplotlib.figure import Figure

_DOTS_PER_INCH = 80
_PNG = "data:image/png;base64,"


def figure_data_uri(figure: Figure) -> str:
    """The figure as a PNG data URI, which Markdown and HTML accept as an image address."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH)
    return png_data_uri(buffer.getvalue())


def png_data_uri(image: bytes) -> str:
    """The bytes of a PNG file as a data URI."""
    return f"{_PNG}{base64.b64encode(image).decode()}"


def png_of_data_uri(address: str) -> bytes:
    """The bytes of the PNG file in a data URI.

    Raises:
        ValueError: the address is not a PNG data URI.
    """
    if not address.startswith(_PNG):
        raise ValueError(f"not a PNG data URI: {address[:40]}")
    return base64.b64decode(address.removeprefix(_PNG), validate=True)
