"""The stream from Kinesis, against moto's server, which speaks AWS over HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyspark.errors import StreamingQueryException

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import OnlineStoreError, StreamInputError
from igniteflow_resources.stream import job
from igniteflow_resources.stream import kinesis as kinesis_module
from igniteflow_resources.stream.kinesis import KinesisReader, kinesis_options
from igniteflow_resources.stream.progress import read_progress
from tests.aws_server import REGION, aws_server

from .conftest import World, as_bytes, transaction


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with aws_server() as address:
        yield address


@dataclass(frozen=True)
class Kinesis:
    """A client and the streams of one test."""

    client: Any
    settings: StreamSettings

    def put(self, values: list[bytes]) -> None:
        """The records in turn on both halves of the stream's keys."""
        records = [
            {"Data": value, "PartitionKey": "k", "ExplicitHashKey": str(number % 2 * 2**127)}
            for number, value in enumerate(values)
        ]
        answer = self.client.put_records(
            StreamName=self.settings.transactions_topic, Records=records
        )
        assert answer["FailedRecordCount"] == 0

    def reader(self, **options: str) -> KinesisReader:
        return KinesisReader(kinesis_options(self.settings) | options)


@pytest.fixture
def kinesis(address: str, tmp_path: Path) -> Kinesis:
    settings = StreamSettings(
        source="kinesis",
        kinesis_region=REGION,
        kinesis_endpoint_url=address,
        transactions_topic=f"{tmp_path.name}-in",
        labels_topic=f"{tmp_path.name}-labels",
    )
    client = boto3.client("kinesis", endpoint_url=address, region_name=REGION)
    client.create_stream(StreamName=settings.transactions_topic, ShardCount=2)
    client.create_stream(StreamName=settings.labels_topic, ShardCount=1)
    return Kinesis(client, settings)


def values(rows) -> list[bytes]:
    return [row[-1] for row in rows]


def test_what_is_read_again_between_two_offsets_is_the_same(kinesis: Kinesis):
    kinesis.put([b"%d" % number for number in range(10)])
    source = kinesis.reader(limit="6")
    start = source.initialOffset()
    rows, middle = source.read(start)
    first = list(rows)
    assert sorted(values(first)) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    rows, end = source.read(middle)
    second = list(rows)
    assert sorted(values(second)) == [b"6", b"7", b"8", b"9"]
    assert [(row[1], row[2]) for row in second] == [(0, 3), (0, 4), (1, 3), (1, 4)]
    assert source.read(end)[1] == end
    again = kinesis.reader()
    assert list(again.readBetweenOffsets(start, middle)) == first
    assert list(again.readBetweenOffsets(middle, json.loads(json.dumps(end)))) == second


def test_records_that_are_gone_stop_the_stream(kinesis: Kinesis):
    stream = kinesis.settings.transactions_topic
    kinesis.put([b"0", b"1"])
    source = kinesis.reader()
    start = source.initialOffset()
    _, end = source.read(start)
    shard = end[stream]["shardId-000000000000"]
    shard["after"], shard["count"] = "7", 2
    with pytest.raises(StreamInputError, match="retention"):
        list(source.readBetweenOffsets(start, end))


class Resharded:
    """As Amazon answers, which moto does not: shard 0, split into 1 and 2 once it held two records.

    The iterator of a closed shard ends, and an answer can be empty although records follow.
    """

    records = {0: [b"a", b"b"], 1: [b"c"], 2: [b"d"]}  # noqa: RUF012 - never changed

    def get_paginator(self, name: str):
        assert name == "list_shards"
        return self

    def paginate(self, StreamName: str):
        numbers = range(3) if StreamName == "in" else ()
        for number in numbers:
            ends = {"EndingSequenceNumber": "99"} if number == 0 else {}
            parent = {"ParentShardId": "shardId-000000000000"} if number else {}
            name = f"shardId-{number:012}"
            yield {"Shards": [{"ShardId": name, "SequenceNumberRange": ends, **parent}]}

    def get_shard_iterator(self, ShardId: str, StartingSequenceNumber: str = "-1", **rest: str):
        number = int(ShardId.rsplit("-")[1])
        return {"ShardIterator": f"{number}:{int(StartingSequenceNumber) + 1}:first"}

    def get_records(self, ShardIterator: str, Limit: int):
        number, at, call = ShardIterator.split(":")
        if call == "first":
            again = f"{number}:{at}:second"
            return {"Records": [], "NextShardIterator": again, "MillisBehindLatest": 1}
        shard, first = self.records[int(number)], int(at)
        end = min(first + Limit, len(shard))
        records = [
            {"SequenceNumber": str(at), "Data": shard[at], "ApproximateArrivalTimestamp": None}
            for at in range(first, end)
        ]
        if number == "0" and end == len(shard):
            return {"Records": records, "MillisBehindLatest": 0}
        following = f"{number}:{end}:first"
        return {"Records": records, "NextShardIterator": following, "MillisBehindLatest": 0}


def test_a_split_shard_is_read_to_its_end_before_its_children(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kinesis_module, "connect", lambda options: Resharded())
    settings = StreamSettings(transactions_topic="in", labels_topic="labels")
    source = KinesisReader(kinesis_options(settings) | {"limit": "1"})
    offset, read = source.initialOffset(), []
    for _ in range(5):
        rows, end = source.read(offset)
        read.append(values(rows))
        assert values(source.readBetweenOffsets(offset, end)) == read[-1]
        offset = end
    assert read == [[b"a"], [b"b"], [b"c", b"d"], [], []]


def test_a_micro_batch_that_is_done_again_scores_nothing_twice(
    world: World, kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("IGNITEFLOW_STREAM__SOURCE", "kinesis")
    monkeypatch.setenv("IGNITEFLOW_STREAM__KINESIS_REGION", REGION)
    monkeypatch.setenv(
        "IGNITEFLOW_STREAM__KINESIS_ENDPOINT_URL", str(kinesis.client.meta.endpoint_url)
    )
    world.settings = load_settings()
    stream = world.settings.stream
    kinesis.put(as_bytes([transaction(n) for n in range(20)]))
    kinesis.put([b"{"])
    before = read_progress(stream)
    assert (before.lag, before.last_batch) == (21, None)

    def unavailable(*states: object) -> None:
        raise OnlineStoreError("away", where="here", fix="wait")

    with monkeypatch.context() as patched:
        # The scores are in Delta and in Kafka, the micro-batch is not in the checkpoint.
        patched.setattr(job, "write_states", unavailable)
        with pytest.raises(StreamingQueryException, match="away"):
            world.run()
    assert len(world.scores) == world.rows.count() == 20
    kinesis.put(as_bytes([transaction(n) for n in range(15, 25)]))
    world.run()
    assert sorted(score["transaction_id"] for score in world.scores) == [
        transaction(number)["transaction_id"] for number in range(25)
    ]
    assert world.rows.count() == 25
    reasons = sorted(letter["reason"] for letter in world.dead_letters)
    assert reasons == ["duplicate_id"] * 5 + ["invalid_json"]
    assert read_progress(stream).lag == 0
