"""Messages of a topic in the lake: each once, and judged as rows of files are."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import StreamInputError
from igniteflow_core.ingestion.arrivals import read_arrivals
from igniteflow_core.schemas.topic import TOPIC_MESSAGES
from igniteflow_resources.stream.landing import land_messages
from tests.clock import CLOCK
from tests.core.ingestion.delivered import DAY, judged

from .conftest import as_bytes, transaction

LAND = """
import sys
from dagster import build_init_resource_context
from igniteflow_core.config.load import load_settings
from igniteflow_resources.spark.session import SparkResource, spark_config
from igniteflow_resources.stream.landing import land_messages

settings = load_settings()
resource = SparkResource(
    spark_config=spark_config(settings.spark), jars_dir=settings.spark.jars_dir
)
resource.setup_for_execution(build_init_resource_context())
land_messages(resource.session, settings.stream, settings.stream.transactions_topic, sys.argv[1])
"""


@pytest.fixture
def table(tmp_path):
    return tmp_path / "lake" / TOPIC_MESSAGES.name


@pytest.fixture
def land(spark, broker, world_settings, table):
    stream = world_settings.stream

    def landed(messages=()):
        broker.send(stream.transactions_topic, list(messages))
        land_messages(spark, stream, stream.transactions_topic, str(table))
        return spark.read.format("delta").load(str(table))

    return landed


def values(rows) -> list[str]:
    return sorted(row.value for row in rows.select("value").collect())


def texts(messages: list[bytes]) -> list[str]:
    return sorted(message.decode() for message in messages)


def test_every_message_lands_once_however_often_one_looks(land):
    first, more = as_bytes([transaction(n) for n in range(50)]), [b"no transaction", b"[]"]
    assert values(land(first)) == texts(first)
    assert values(land()) == texts(first)
    rows = land(more)
    assert values(rows) == texts(first + more)
    assert rows.select(*TOPIC_MESSAGES.key).distinct().count() == 52


def test_a_topic_without_messages_is_a_table_without_rows(land):
    assert land().count() == 0


def test_messages_that_were_deleted_unread_are_an_error(land, broker, world_settings):
    topic = world_settings.stream.transactions_topic
    land(as_bytes([transaction(n) for n in range(4)]))
    broker.send(topic, as_bytes([transaction(n) for n in range(4, 20)]))
    broker.delete_messages(topic)
    broker.send(topic, as_bytes([transaction(20)]))
    with pytest.raises(StreamInputError, match="deleted before they were read"):
        land()


def test_a_kill_after_the_commit_and_before_its_note_repeats_nothing(land, table):
    first = as_bytes([transaction(n) for n in range(20)])
    land(first)
    # What a kill at that moment leaves: the rows are in the table, and no note says so.
    for note in table.joinpath("_checkpoint", "commits").iterdir():
        note.unlink()
    assert values(land()) == texts(first)


def test_a_killed_landing_loses_and_repeats_nothing(land, broker, world_settings, table):
    sent = as_bytes([transaction(n) for n in range(3_000)])
    broker.send(world_settings.stream.transactions_topic, sent)
    command = [sys.executable, "-c", LAND, str(table)]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    # Spark has noted what it is about to read.
    planned = table / "_checkpoint" / "offsets" / "0"
    while not planned.exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert values(land()) == texts(sent)


def test_messages_are_judged_as_rows_of_files_are(spark, land, table):
    good = [transaction(n) for n in range(30)]
    bad = {
        "nan": {**transaction(40), "amount": "NaN"},
        "late": {**transaction(41), "event_time": "1980-01-01T00:00:00Z"},
        "nameless": {"transaction_id": "x", "event_time": good[0]["event_time"]},
        "timeless": {**transaction(42), "event_time": None},
    }
    land([*as_bytes([*good, *bad.values()]), b"no json", b"\xff{}"])
    source = SourceSettings.model_validate({"format": "kafka", "path": "payments"})
    landed = source.model_copy(update={"path": str(table)})
    today = datetime.now(UTC).date()
    kept, refused, _ = judged(spark, landed, "", [DAY], CLOCK)
    assert {row.transaction_id for row in kept} == {each["transaction_id"] for each in good}
    assert kept[0].event_date == DAY
    reasons = {row.transaction_id: row.reasons for row in refused}
    assert reasons == {
        bad["nan"]["transaction_id"]: ["invalid_amount"],
        bad["late"]["transaction_id"]: ["event_time_too_early", "outside_day"],
        "x": ["missing_customer_id", "missing_terminal_id", "invalid_amount"],
    }
    # What has no time of its own is of the day on which it came.
    _, of_today, _ = judged(spark, landed, "", [today], CLOCK)
    assert sorted((row.row_text or "", row.reasons) for row in of_today) == [
        ("", ["invalid_event_time"]),
        ("no json", ["invalid_json"]),
        ("\ufffd{}", ["undecodable_text"]),
    ]


def test_a_look_finds_the_days_of_the_messages_that_have_come_since(spark, land, table):
    source = SourceSettings.model_validate({"format": "kafka", "path": str(table.name)})
    landed = source.model_copy(update={"path": str(table)})

    def look(after=None):
        return read_arrivals(spark, landed, "", clock=CLOCK, first_day=DAY, after=after)

    land(as_bytes([transaction(n) for n in range(3)]))
    first = look()
    assert first.days == {DAY: 3}
    assert look(first.newest).days == {}
    late = transaction(9, event_time="2025-01-08T10:00:00Z")
    land([json.dumps(late).encode(), b"broken"])
    assert look(first.newest).days == {date(2025, 1, 8): 1, datetime.now(UTC).date(): 1}
