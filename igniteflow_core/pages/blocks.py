"""Splits a page of the project's templates into blocks."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from igniteflow_core.images import png_of_data_uri

_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3}
_HIDDEN: Final = frozenset({"style", "script", "title"})


@dataclass(frozen=True)
class Text:
    """A heading of that level, or with level 0 a paragraph."""

    level: int
    text: str


@dataclass(frozen=True)
class Cell:
    """A cell of a table."""

    text: str
    is_heading: bool
    columns: int


@dataclass(frozen=True)
class Table:
    """Rows of cells."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Image:
    """The bytes of a PNG file."""

    png: bytes


Block = Text | Table | Image


def blocks_of(html: str) -> list[Block]:
    """Headings, paragraphs, tables and inline PNG images of the page, in order.

    Styles, and text outside of these elements, are left out.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._rows: list[list[Cell]] = []
        self._columns = 1
        self._text: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._hidden = self._hidden or tag in _HIDDEN
        if tag in {"p", "th", "td", *_HEADINGS}:
            self._text = []
            self._columns = int(given.get("colspan") or 1)
        elif tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag == "img":
            self.blocks.append(Image(png_of_data_uri(given.get("src") or "")))

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag not in _HIDDEN
        text = " ".join("".join(self._text).split())
        if tag in {"p", *_HEADINGS}:
            self.blocks.append(Text(_HEADINGS.get(tag, 0), text))
        elif tag in {"th", "td"}:
            self._rows[-1].append(Cell(text, tag == "th", self._columns))
        elif tag == "table":
            self.blocks.append(Table(tuple(tuple(row) for row in self._rows if row)))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)
