"""Kinesis streams as a source of Structured Streaming, for which Spark has no connector.

Spark runs the reader in a separate Python process. An offset records what was read of each shard:
``{stream: {shard: {"after": sequence number, "count": records, "is_closed": bool}}}``. The count is
used as the ``offset`` column, because a sequence number does not fit into 64 bits.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from pyspark.sql.datasource import DataSource, SimpleDataSourceStreamReader
from pyspark.sql.types import StructType

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import StreamInputError

SCHEMA = "topic STRING, partition INT, offset BIGINT, timestamp TIMESTAMP, value BINARY"
"""The columns of Spark's Kafka source that the stream uses."""

Row = tuple[str, int, int, datetime, bytes]
_MOST_RECORDS = 10_000  # Amazon's limit for one call
_NOTHING: dict[str, Any] = {"after": None, "count": 0, "is_closed": False}


def kinesis_options(settings: StreamSettings) -> dict[str, str]:
    """Return the options of the source from the settings."""
    options = {
        "streams": f"{settings.transactions_topic},{settings.labels_topic}",
        "limit": str(settings.max_messages_per_batch),
        "region": settings.kinesis_region,
        "endpoint_url": settings.kinesis_endpoint_url,
    }
    return {name: value for name, value in options.items() if value is not None}


def connect(options: dict[str, str]) -> Any:  # noqa: ANN401 - boto3 creates its client classes at run time
    """Return a client with the credentials that boto3 finds; it waits if Kinesis throttles."""
    import boto3  # noqa: PLC0415 - an optional extra
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "kinesis",
        region_name=options.get("region"),
        endpoint_url=options.get("endpoint_url"),
        config=Config(retries={"mode": "standard", "max_attempts": 10}),
    )


class KinesisDataSource(DataSource):
    """``spark.readStream.format("kinesis")`` with ``kinesis_options``."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the source for ``format``."""
        return "kinesis"

    def schema(self) -> str:
        """Return ``SCHEMA``; ``topic`` is the stream, ``partition`` the number of the shard."""
        return SCHEMA

    def simpleStreamReader(self, schema: StructType) -> "KinesisReader":  # noqa: N802 - Spark's name
        """Return a reader of all streams of the options."""
        return KinesisReader(dict(self.options))


class KinesisReader(SimpleDataSourceStreamReader):
    """Reads each shard from its oldest record to its end, and then its child shards.

    Args:
        options: options of ``kinesis_options``.
    """

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options
        self._streams = options["streams"].split(",")
        self._limit = int(options["limit"])

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 creates its client classes at run time
        # Created at first use, because Spark pickles an unused reader to other processes.
        return connect(self._options)

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802 - Spark's name
        """Return the offset before any record is read."""
        return {stream: {} for stream in self._streams}

    def read(self, start: dict[str, Any]) -> tuple[Iterator[tuple[Any, ...]], dict[str, Any]]:
        """Return the records after the offset, up to the limit, and the offset after them."""
        rows: list[Row] = []
        end: dict[str, Any] = {}
        for stream in self._streams:
            before = start.get(stream, {})
            shards = self._shards(stream)
            end[stream] = {shard: done for shard, done in before.items() if shard in shards}
            readable = [shard for shard in shards.values() if _is_readable(shard, shards, before)]
            for shard in readable:
                done = before.get(shard["ShardId"], _NOTHING)
                limit = max(1, self._limit // len(readable))
                records, is_closed = self._next_records(stream, shard, done["after"], limit)
                rows += _rows(stream, shard["ShardId"], records, done["count"])
                if records or is_closed:
                    end[stream][shard["ShardId"]] = {
                        "after": records[-1]["SequenceNumber"] if records else done["after"],
                        "count": done["count"] + len(records),
                        "is_closed": is_closed,
                    }
        return iter(rows), end

    def readBetweenOffsets(  # noqa: N802 - Spark's name
        self, start: dict[str, Any], end: dict[str, Any]
    ) -> Iterator[tuple[Any, ...]]:
        """Read the same rows again after a restart.

        Raises:
            StreamInputError: Kinesis no longer has the records.
        """
        for stream, shards in end.items():
            for shard, until in shards.items():
                done = start.get(stream, {}).get(shard, _NOTHING)
                records: list[dict[str, Any]] = []
                iterator = self._iterator(stream, shard, done["after"])
                while iterator and len(records) < (expected := until["count"] - done["count"]):
                    limit = min(expected - len(records), _MOST_RECORDS)
                    response = self._client.get_records(ShardIterator=iterator, Limit=limit)
                    records += response["Records"]
                    is_at_end = not response["Records"] and response["MillisBehindLatest"] == 0
                    iterator = None if is_at_end else response.get("NextShardIterator")
                if (records[-1]["SequenceNumber"] if records else done["after"]) != until["after"]:
                    raise StreamInputError(
                        "records of a micro-batch that must be repeated no longer exist",
                        where=f"shard {shard} of the Kinesis stream {stream}",
                        fix="increase the retention of the stream; to continue without the "
                        "records, delete the stream's checkpoint",
                    )
                yield from _rows(stream, shard, records, done["count"])

    def _shards(self, stream: str) -> dict[str, dict[str, Any]]:
        pages = self._client.get_paginator("list_shards").paginate(StreamName=stream)
        return {shard["ShardId"]: shard for page in pages for shard in page["Shards"]}

    def _iterator(self, stream: str, shard: str, after: str | None) -> str | None:
        kind: dict[str, str] = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if after is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        )
        response = self._client.get_shard_iterator(StreamName=stream, ShardId=shard, **kind)
        iterator: str | None = response["ShardIterator"]
        return iterator

    def _next_records(
        self, stream: str, shard: dict[str, Any], after: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return records, and whether the shard is closed and has no further records."""
        iterator = self._iterator(stream, shard["ShardId"], after)
        ends = "EndingSequenceNumber" in shard["SequenceNumberRange"]
        while iterator:
            response = self._client.get_records(
                ShardIterator=iterator, Limit=min(limit, _MOST_RECORDS)
            )
            iterator = response.get("NextShardIterator")
            # A response can be empty although records follow.
            if response["Records"]:
                return response["Records"], iterator is None
            if response["MillisBehindLatest"] == 0:
                return [], ends
        return [], True


def _is_readable(
    shard: dict[str, Any], shards: dict[Any, dict[str, Any]], done: dict[Any, Any]
) -> bool:
    """Return whether the shard may have further records and its parents are read completely."""
    names = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
    parents = [name for name in names if name in shards]
    return not done.get(shard["ShardId"], _NOTHING)["is_closed"] and all(
        done.get(parent, _NOTHING)["is_closed"] for parent in parents
    )


def _rows(stream: str, shard: str, records: list[dict[str, Any]], first: int) -> Iterator[Row]:
    number = int(shard.rsplit("-", 1)[1])
    for offset, record in enumerate(records, first):
        yield stream, number, offset, record["ApproximateArrivalTimestamp"], record["Data"]


def waiting_records(settings: StreamSettings, since: datetime) -> dict[str, int]:
    """Count the records of each shard that arrived after a time, at most 1,000 per shard.

    Args:
        settings: settings of the stream.
        since: newest arrival of the processed records, as an aware datetime.
    """
    options = kinesis_options(settings)
    client = connect(options)
    waiting = {}
    for stream in options["streams"].split(","):
        for shard in client.list_shards(StreamName=stream)["Shards"]:
            iterator = client.get_shard_iterator(
                StreamName=stream,
                ShardId=shard["ShardId"],
                ShardIteratorType="AT_TIMESTAMP",
                Timestamp=since,
            )["ShardIterator"]
            records = client.get_records(ShardIterator=iterator, Limit=1_000)["Records"]
            newer = [each for each in records if each["ApproximateArrivalTimestamp"] > since]
            waiting[f"{stream}:{shard['ShardId']}"] = len(newer)
    return waiting
