"""The location of a source, and its files."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from pyspark.sql import SparkSession

from igniteflow_core.config.rest import DATE
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.database_rows import database_place
from igniteflow_core.ingestion.files import DeliveredFile, FileSystem

_LISTERS = 8


def source_path(source: SourceSettings, root: str, day: date | None = None) -> str:
    """The path of the source, for the given day if it has one file or folder per day."""
    path = source.path.replace(DATE, day.isoformat()) if day else source.path
    absolute = path.startswith("/") or "://" in path
    return path if absolute else f"{root.rstrip('/')}/{path}"


def files_of(
    spark: SparkSession, source: SourceSettings, places: Iterable[tuple[str, date | None]]
) -> list[DeliveredFile]:
    """The files of these places, each with the day that it was delivered for.

    Raises:
        SourceNotDeliveredError: one of the places has no file.
    """
    if source.format in {"delta", "kafka"}:
        # The files of a Delta table are those that its log names, not those in its folder.
        return [DeliveredFile(uri=path, path=path, size=0, day=day) for path, day in places]
    if source.format == "jdbc":
        place = database_place(source)
        return [DeliveredFile(uri=place, path=place, size=0)]
    system = FileSystem(spark)
    with ThreadPoolExecutor(_LISTERS) as listers:
        listed = listers.map(lambda place: system.files(*place), places)
        return [file for files in listed for file in files]
