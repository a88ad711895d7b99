"""A public file of ratings, such as MovieLens, as a source of the platform."""

from pathlib import Path

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.schemas.interactions import RATINGS

SEPARATORS = ("::", "\t", ";", ",")


def ratings_source(file: Path) -> SourceSettings:
    """The settings that read user, item, rating and time, in this order, with a header or none.

    Raises ValueError if the first line is not such a row.
    """
    with file.open(encoding="utf-8") as lines:
        first = lines.readline().rstrip("\r\n")
    separator = next((each for each in SEPARATORS if each in first), None)
    fields = first.split(separator)
    if separator is None or len(fields) < len(RATINGS.column_names):
        raise ValueError(f"{file}: no user, item, rating and time in the line {first[:80]!r}")
    header = not _is_number(fields[2])
    names = [name.strip('"') for name in fields] if header else [f"_c{at}" for at in range(4)]
    return SourceSettings(
        format="csv",
        path=str(file.resolve()),
        header=header,
        separator=separator,
        columns=dict(zip(("user_id", "item_id", "rating", "event_time"), names, strict=False)),
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
