"""A file whose age shows a supervisor whether the stream makes progress."""

from pathlib import Path

from pyspark.sql.streaming.query import StreamingQuery


class Heartbeat:
    """Touches the file when the query waits for input or has completed another micro-batch.

    The age of the file therefore grows only while a single micro-batch is in progress.

    Args:
        file: path of the file, or None for no heartbeat.
    """

    def __init__(self, file: str | None) -> None:
        self._file = Path(file) if file else None
        self._batch: int | None = None

    def look(self, query: StreamingQuery) -> None:
        """Touch the file if the query has made progress since the last call."""
        if self._file is None:
            return
        progress = query.lastProgress
        batch = progress["batchId"] if progress else None
        if batch != self._batch or not query.status["isTriggerActive"]:
            self._file.touch()
        self._batch = batch
