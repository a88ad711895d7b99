from io import BytesIO

import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader

from igniteflow_core.images import figure_data_uri
from igniteflow_core.pages.blocks import Cell, Image, Table, Text, blocks_of
from igniteflow_core.pages.pdf import pdf_of


def plot() -> str:
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [0, 1])
    return figure_data_uri(figure)


PAGE = f"""<!doctype html>
<html><head><title>not shown</title><style>h1 {{ color: red; }}</style></head>
<body><h1>fraud_ensemble, version 3</h1>
<p class="good">Whole:
  every hash ≥ follows, žluťoučký naïve.</p>
<table>
  <tr><th>Table</th><th>Written by</th></tr>
  <tr><td>transactions</td><td><code>7f9c0a3e-1111</code> <span>a &lt; b</span></td></tr>
  <tr><td colspan="2">nothing else</td></tr>
</table>
<img src="{plot()}" alt="lift">
<table></table></body></html>"""


def text_of(pdf: bytes) -> str:
    """Without spaces and line breaks, as a PDF keeps only where each letter lies."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def test_a_page_is_read_as_its_headings_paragraphs_tables_and_images():
    heading, paragraph, table, image, empty = blocks_of(PAGE)
    assert heading == Text(1, "fraud_ensemble, version 3")
    assert paragraph == Text(0, "Whole: every hash ≥ follows, žluťoučký naïve.")
    assert table.rows[0] == (Cell("Table", True, 1), Cell("Written by", True, 1))
    assert table.rows[1][1] == Cell("7f9c0a3e-1111 a < b", False, 1)
    assert table.rows[2] == (Cell("nothing else", False, 2),)
    assert isinstance(image, Image)
    assert image.png.startswith(b"\x89PNG")
    assert empty == Table(())


def test_the_pdf_holds_every_text_and_image_and_no_style():
    pdf = pdf_of(PAGE)
    text = text_of(pdf)
    for expected in (
        "fraud_ensemble,version3", "≥follows,žluťoučkýnaïve.", "Writtenby", "7f9c0a3e-1111a<b",
        "nothingelse",
    ):  # fmt: skip
        assert expected in text, expected
    for unseen in ("color:red", "notshown"):
        assert unseen not in text
    (page,) = PdfReader(BytesIO(pdf)).pages
    assert len(page.images) == 1
    assert PdfReader(BytesIO(pdf)).metadata.title == "fraud_ensemble, version 3"


def test_a_long_table_goes_over_several_numbered_pages_with_its_headings():
    rows = "".join(f"<tr><td>row {number}</td><td>{number}</td></tr>" for number in range(200))
    pdf = pdf_of(f"<table><tr><th>name</th><th>value</th></tr>{rows}</table>")
    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) > 2
    assert all("name" in page.extract_text() for page in pages)
    assert "row199" in text_of(pdf)


def test_an_image_that_is_not_inside_the_page_is_refused():
    with pytest.raises(ValueError, match="not a PNG data URI"):
        pdf_of('<img src="https://example.org/plot.png">')
