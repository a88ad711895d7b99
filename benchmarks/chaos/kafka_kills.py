"""The Kafka broker is killed while ``igniteflow stream`` scores what it brings."""

import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from confluent_kafka import KafkaException
from pyspark.sql import SparkSession

from benchmarks.chaos.home import settings_of, variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.run_kills import Reference
from benchmarks.chaos.runs import in_a_process
from benchmarks.chaos.servers import Server, running
from benchmarks.session import local_spark
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import SparkSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.fraud.scorer_export import save_scorer
from tests.kafka_broker import Broker, formatted_broker
from tests.resources.stream.conftest import MICRO, START, as_bytes, fitted, transaction
from tests.resources.stream.test_kill import start_stream

FAULT = "kill Kafka"
_TOPICS = ("in", "labels", "scores", "dead")
_BATCH = 100
_WITHIN_SECONDS = 240.0


class Stream:
    """The command, started again whenever it has ended, as its supervisor does."""

    def __init__(self, log: Path):
        self._log = log
        self._process = start_stream(log)
        self.starts = 1

    def look(self) -> None:
        """Start it again if it has ended."""
        if self._process.poll() is not None:
            self._process = start_stream(self._log)
            self.starts += 1

    def end(self) -> None:
        """Tell it to end, and wait."""
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()


def kafka_kills(
    reference: Reference, home: Path, kills: int, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool],
) -> None:  # fmt: skip
    """Send, kill, send on; at the end every transaction has to be scored once, in both places."""
    home.mkdir(parents=True)
    command, port = formatted_broker(home)
    sent: list[str] = []
    with running(Server(command, port, home / "broker.log")) as server:
        broker = Broker(f"127.0.0.1:{port}")
        variables = _variables(home, reference.source, broker)
        broker.create_topics(*(f"chaos-{topic}" for topic in _TOPICS))
        in_a_process(_deploy, variables)
        os.environ |= variables
        with _streaming(home / "stream.log") as stream:
            _send(broker, sent)
            _wait_for_scores(broker, len(sent), stream)
            done = 0
            while done < kills and not is_time_over():
                _send(broker, sent)
                time.sleep(chance.uniform(0, 3))
                server.kill()
                time.sleep(chance.uniform(0, 2))
                server.start()
                done += 1
                ledger.add(FAULT, "the stream under load")
                stream.look()
            _wait_for_scores(broker, len(sent), stream)
        ledger.compared(FAULT, _differences(broker, sent, variables))


def _differences(broker: Broker, sent: list[str], variables: Mapping[str, str]) -> list[str]:
    on_the_topic = Counter(
        message["transaction_id"] for message in broker.committed_messages("chaos-scores")
    )
    in_delta = Counter(in_a_process(_rows, dict(variables)))
    wrong = []
    for name, found in (("topic", on_the_topic), ("table", in_delta)):
        lost, doubled = Counter(sent) - found, found - Counter(sent)
        if lost or doubled:
            wrong.append(f"{name}: {lost.total()} lost, {doubled.total()} doubled")
    return wrong


def _send(broker: Broker, sent: list[str]) -> None:
    first = len(sent)
    messages = [
        transaction(number, event_time=START + number * MICRO)
        for number in range(first, first + _BATCH)
    ]
    broker.send("chaos-in", as_bytes(messages))
    sent += [str(message["transaction_id"]) for message in messages]


def _wait_for_scores(broker: Broker, count: int, stream: Stream) -> None:
    deadline = time.monotonic() + _WITHIN_SECONDS
    found = 0
    while found < count:
        stream.look()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{found} of {count} transactions are scored")
        time.sleep(2)
        try:
            found = len(broker.committed_messages("chaos-scores"))
        except KafkaException:
            continue


@contextmanager
def _streaming(log: Path) -> Iterator[Stream]:
    stream = Stream(log)
    try:
        yield stream
    finally:
        stream.end()


def _variables(home: Path, source: Path, broker: Broker) -> dict[str, str]:
    return variables_of(
        home,
        source,
        STREAM__BROKERS=broker.address,
        STREAM__TRANSACTIONS_TOPIC="chaos-in",
        STREAM__LABELS_TOPIC="chaos-labels",
        STREAM__SCORES_TOPIC="chaos-scores",
        STREAM__DEAD_LETTER_TOPIC="chaos-dead",
        STREAM__GROUP="chaos",
        STREAM__CHECKPOINT=str(home / "checkpoint"),
        STREAM__TRIGGER_SECONDS="0",
    )


def _deploy(variables: Mapping[str, str]) -> None:
    settings = settings_of(variables)
    files = Path(variables["DAGSTER_HOME"], "model")
    files.mkdir()
    save_scorer(fitted(1), files)
    endpoint = Endpoint(Path(settings.serving.endpoints_dir, "fraud"))
    endpoint.add_version("1", partial(shutil.copytree, files, dirs_exist_ok=True))
    endpoint.roll_out(Rollout(champion="1"))


def _rows(variables: Mapping[str, str]) -> list[str]:
    os.environ |= variables
    spark: SparkSession = local_spark(SparkSettings())
    table = spark.read.format("delta").load(f"{load_settings().lake.root}/stream_scores")
    return [row["transaction_id"] for row in table.select("transaction_id").collect()]
