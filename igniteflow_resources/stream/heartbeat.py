"""A file whose age tells a supervisor whether the stream still gets on."""

from pathlib import Path

from pyspark.sql.streaming.query import StreamingQuery


class Heartbeat:
    """Touches the file whenever the query waits for input or has ended another micro-batch.

    So the file grows old only while one and the same micro-batch is under way.

    Args:
        file: None for no heartbeat.
    """

    def __init__(self, file: str | None) -> None:
        self._file = Path(file) if file else None
        self._batch: int | None = None

    def look(self, query: StreamingQuery) -> None:
        """Touch the file if the query got on since the last look."""
        if self._file is None:
            return
        progress = query.lastProgress
        batch = progress["batchId"] if progress else None
        if batch != self._batch or not query.status["isTriggerActive"]:
            self._file.touch()
        self._batch = batch
