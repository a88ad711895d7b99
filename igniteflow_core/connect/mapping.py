"""Maps a source's columns to IgniteFlow's."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from igniteflow_core.connect.looks import Look
from igniteflow_core.connect.names import NEEDED, TABLES

_ALIKE = 0.8
_NUMBERS = frozenset({"amount", "rating", "x", "y", "latitude", "longitude"})
_ENTITIES = frozenset({"customer_id", "terminal_id"})
_DISTINCT_AS_IDS = 0.99


@dataclass(frozen=True)
class ColumnMapping:
    """A table, and for each of its columns the matching column of the source, with the reason."""

    table: str
    columns: dict[str, str]
    reasons: dict[str, str]

    @property
    def missing(self) -> list[str]:
        """Columns that the table needs and the source does not seem to have."""
        return [
            name for name in TABLES[self.table] if name in NEEDED[self.table] - set(self.columns)
        ]


def mapped(looks: Mapping[str, Look], table: str) -> ColumnMapping:
    """The most likely mapping of the source's columns to those of the table.

    A column is matched by its name, and only if its values have the type of the table's column.
    """
    columns: dict[str, str] = {}
    reasons: dict[str, str] = {}
    candidates = sorted(
        (
            (_likeness(name, known, place), column, name)
            for column, all_known in TABLES[table].items()
            for place, known in enumerate(all_known)
            for name, look in looks.items()
            if _fits(column, look)
        ),
        key=lambda each: -each[0],
    )
    for likeness, column, name in candidates:
        if likeness > 0 and column not in columns and name not in columns.values():
            columns[column] = name
            reasons[column] = f"its name, and {_evidence(column, looks[name])}"
    if table == "transactions" and len(mapped_ids := _ENTITIES & columns.keys()) == 1:
        (there,), (other,) = mapped_ids, _ENTITIES - mapped_ids
        columns[other] = columns[there]
        reasons[other] = f"the source has a single entity, which is also {there}"
    return ColumnMapping(table, columns, reasons)


def likeliest_table(looks: Mapping[str, Look]) -> str | None:
    """The table whose needed columns the source has; of several, the one with most matches."""
    whole = [mapping for table in TABLES if not (mapping := mapped(looks, table)).missing]
    best = max(whole, key=lambda mapping: len(set(mapping.columns.values())), default=None)
    return best.table if best else None


def _likeness(name: str, known: str, place: int) -> float:
    """0 for dissimilar names; an earlier known name gives a higher similarity."""
    plain, other = _plain(name), _plain(known)
    if plain == other:
        return 2.0 - place / 100
    ratio = difflib.SequenceMatcher(None, plain, other).ratio()
    return ratio - place / 100 if ratio >= _ALIKE and min(len(plain), len(other)) > 3 else 0.0


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _fits(column: str, look: Look) -> bool:
    if column == "event_time":
        return look.is_time or bool(look.patterns) or look.is_number
    if column in _NUMBERS:
        return look.is_number
    if column == "is_fraud":
        return look.is_label or look.two_values is not None
    if column == "transaction_id":
        return look.distinct >= _DISTINCT_AS_IDS and look.missing == 0
    return True


def _evidence(column: str, look: Look) -> str:
    if column == "event_time":
        return "its values are times" if look.is_time or look.patterns else "its values are numbers"
    if column in _NUMBERS:
        return "its values are numbers"
    if column == "is_fraud":
        return "it has two values"
    if column == "transaction_id":
        return "no value occurs twice"
    return f"{100 * look.distinct:.3g} % of its values differ"
