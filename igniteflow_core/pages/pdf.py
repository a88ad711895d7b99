"""Converts a page of the project's templates to PDF; needs the extra ``pdf``."""

from io import BytesIO
from pathlib import Path
from typing import Final

import matplotlib as mpl
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from igniteflow_core.pages.blocks import Image, Table, Text, blocks_of

_FONT: Final = "DejaVuSans"
"""This font covers most languages, and is included in matplotlib."""

_HEADING_POINTS: Final = {0: 9.0, 1: 18.0, 2: 13.0, 3: 10.5}
_TABLE_POINTS: Final = 7.5
_LINE: Final = 1.4
_MILLIMETRES_A_POINT: Final = 25.4 / 72
_COLUMN_CHARACTERS: Final = (8, 60)
_BOLD_IS_WIDER: Final = 1.2
_IMAGE_SHARE: Final = 0.6


class _Document(FPDF):
    def __init__(self) -> None:
        super().__init__(format="A4")
        folder = Path(mpl.get_data_path(), "fonts", "ttf")
        self.add_font(_FONT, "", folder / f"{_FONT}.ttf")
        self.add_font(_FONT, "B", folder / f"{_FONT}-Bold.ttf")
        self.set_line_width(0.1)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FONT, "", _TABLE_POINTS)
        self.cell(0, 5, f"{self.page_no()}", align="R")


def pdf_of(html: str) -> bytes:
    """The headings, paragraphs, tables and images of the page on sheets of A4, numbered.

    Args:
        html: a self-contained page, as ``html_template`` renders it.
    """
    document = _Document()
    for block in blocks_of(html):
        if isinstance(block, Text):
            _write_text(document, block)
        elif isinstance(block, Table):
            _write_table(document, block)
        else:
            _draw_image(document, block)
    return bytes(document.output())


def _write_text(document: FPDF, block: Text) -> None:
    points = _HEADING_POINTS[block.level]
    if block.level == 1:
        document.set_title(block.text)
    if block.level:
        document.ln(points * _MILLIMETRES_A_POINT)
    document.set_font(_FONT, "B" if block.level else "", points)
    height = points * _LINE * _MILLIMETRES_A_POINT
    document.multi_cell(0, height, block.text, align="L", new_x="LMARGIN", new_y="NEXT")


def _write_table(document: FPDF, block: Table) -> None:
    if not block.rows:
        return
    document.set_font(_FONT, "", _TABLE_POINTS)
    has_heading_row = len(block.rows) > 1 and all(cell.is_heading for cell in block.rows[0])
    with document.table(
        col_widths=_widths(block),
        first_row_as_headings=has_heading_row,
        headings_style=FontFace(emphasis="BOLD"),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        text_align="LEFT",
        line_height=_TABLE_POINTS * _LINE * _MILLIMETRES_A_POINT,
        padding=0.6,
    ) as table:
        for cells in block.rows:
            row = table.row()
            for cell in cells:
                style = FontFace(emphasis="BOLD") if cell.is_heading else None
                row.cell(cell.text, colspan=cell.columns, style=style)


def _widths(block: Table) -> tuple[int, ...]:
    """Column widths, proportional to the longest text of each column within limits."""
    fewest, most = _COLUMN_CHARACTERS
    longest = [fewest] * max(sum(cell.columns for cell in row) for row in block.rows)
    for row in block.rows:
        column = 0
        for cell in row:
            if cell.columns == 1:
                needed = round(len(cell.text) * (_BOLD_IS_WIDER if cell.is_heading else 1))
                longest[column] = max(longest[column], min(needed, most))
            column += cell.columns
    return tuple(longest)


def _draw_image(document: FPDF, block: Image) -> None:
    document.ln(2)
    document.image(BytesIO(block.png), w=document.epw * _IMAGE_SHARE)
