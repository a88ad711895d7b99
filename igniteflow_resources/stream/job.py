"""The streaming job: Kafka → features → scores → Delta and Kafka, each transaction exactly once.

The steps of a micro-batch are ordered so that a kill at any moment loses and repeats nothing:

1. The scores are appended to Delta under the query's id and the number of the micro-batch.
2. The scores, the dead letters and the offsets of the input are written to Kafka in one
   transaction.
3. The changed states are written to the online store, which stores each event only once.
4. Spark commits the micro-batch to its checkpoint; until then, a restart repeats it.

When a micro-batch is repeated, scores are read from Delta, records that were committed to Kafka are
left out, and the states do not change. The states are stored in the online store and not by Spark,
because the API reads the same states, and because the features of a card and of a terminal have
different keys.
"""

import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import StreamEndedError
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.events import SECOND
from igniteflow_core.features.online_batch import States, observe_batch, other_terminals
from igniteflow_core.features.own_online import observe_own_batch
from igniteflow_core.features.state import Transaction
from igniteflow_core.online.store import OnlineStore
from igniteflow_core.stream.champion import Champion
from igniteflow_core.stream.judge import DeadLetter, Judged, judge_messages, without_scored
from igniteflow_core.stream.messages import Label, Message, Position
from igniteflow_core.stream.scores import dead_letter_message, score_messages, scored_rows
from igniteflow_core.stream.states import (
    apply_label,
    read_own_states,
    read_states,
    write_states,
)
from igniteflow_core.telemetry.metrics import RECORDS_PROCESSED_TOTAL
from igniteflow_resources.stream.kafka_output import KafkaOutput, OutputRecord, Partition
from igniteflow_resources.stream.progress import LastBatch, require_brokers
from igniteflow_resources.stream.scores_table import ScoresTable
from igniteflow_resources.stream.source import read_messages

_START_SECONDS = 60.0


class StreamJob:
    """One running stream.

    Args:
        spark: a session with Delta and Spark's Kafka reader.
        settings: settings of the platform.
        scores: the table of scores.
        store: the states of cards and terminals, with their positions.
        champion: the model that scores; a new champion takes effect between two micro-batches.

    Raises:
        ConfigurationError: no brokers are configured.
        StreamOutputError: the brokers are unreachable.
    """

    def __init__(
        self,
        spark: SparkSession,
        settings: Settings,
        scores: ScoresTable,
        store: OnlineStore,
        champion: Champion,
    ) -> None:
        self._spark = spark
        self._stream = settings.stream
        require_brokers(settings.stream)
        self._label_delay = timedelta(days=settings.fraud.label_delay_days)
        self._labels_come_apart = settings.sources.labels is not None
        self._lateness = settings.stream.allowed_lateness_minutes * 60 * SECOND
        self._own = settings.sources.own_columns
        self._entities = declared_entities(settings.fraud.entities, self._own)
        keys = {column for entity in settings.fraud.entities for column in entity.columns}
        self._of_labels = {name: each for name, each in self._own.items() if name in keys}
        self._scores = scores
        self._store = store
        self._champion = champion
        self._output = KafkaOutput(settings.stream)
        self._query_id: Future[str] = Future()
        self._at_work = threading.Lock()
        self._is_ending = False
        self._is_first = True
        self._newest: int | None = None

    def start(self) -> StreamingQuery:
        """Start the query, or resume it from the checkpoint."""
        stream = self._stream
        query = (
            read_messages(self._spark, stream)
            .writeStream.foreachBatch(self._run_batch)
            .queryName(stream.group)
            .option("checkpointLocation", stream.checkpoint)
            .trigger(processingTime=f"{stream.trigger_seconds} seconds")
            .start()
        )
        self._query_id.set_result(str(query.id))
        return query

    def finish(self) -> None:
        """Wait until the current micro-batch is completed, and start no other one."""
        with self._at_work:
            self._is_ending = True

    def close(self) -> None:
        """Disconnect from Kafka; call it after the query has ended."""
        self._output.close()

    def _run_batch(self, frame: DataFrame, batch_id: int) -> None:
        with self._at_work:
            if self._is_ending:
                # Spark would commit the micro-batch if this function returned.
                raise StreamEndedError(
                    "the stream ends before this micro-batch",
                    where=f"micro-batch {batch_id}",
                    fix="no action is needed: the next start processes it",
                )
            self._score_batch(frame, batch_id)

    def _score_batch(self, frame: DataFrame, batch_id: int) -> None:
        started, scored_at = time.monotonic(), datetime.now(UTC)
        messages = _messages(frame)
        if not messages:
            return
        query_id = self._query_id.result(_START_SECONDS)
        first, ends = _span(messages)
        if self._is_first:
            self._newest = self._scores.newest_before(first)
        judged = judge_messages(
            messages,
            labels_topic=self._stream.labels_topic,
            newest=self._newest,
            allowed_lateness=self._lateness,
            own=self._own,
            of_labels=self._of_labels,
        )
        customers, terminals = self._states(judged)
        entities = read_own_states(self._store, _events_and_labels(judged), self._entities)
        logged = self._scored_before(judged, customers)
        judged = without_scored(judged, _positions(logged))
        rows = _rows_of(judged, logged)
        if judged.arrivals:
            events = [self._as_labelled(arrival.event) for arrival in judged.arrivals]
            observed = observe_batch(events, customers, terminals, label_delay=self._label_delay)
            customers, terminals = customers | observed.customers, terminals | observed.terminals
            by_entity = observe_own_batch(
                events, entities, self._entities, label_delay=self._label_delay
            )
            features = np.hstack([observed.features, by_entity.features])
            for name, states in by_entity.states.items():
                entities[name] |= states
            known = set(rows["transaction_id"].to_pylist()) if rows else set()
            new = [n for n, event in enumerate(events) if event.transaction_id not in known]
            if new:
                arrivals = [judged.arrivals[number] for number in new]
                fresh = scored_rows(
                    arrivals,
                    features[new],
                    self._champion.scorer(),
                    batch_id=batch_id,
                    scored_at=scored_at,
                    own=self._own,
                    entities=self._entities,
                )
                self._scores.append(fresh, query_id=query_id, batch_id=batch_id)
                rows = pa.concat_tables([rows, fresh]) if rows else fresh
            newest = max(event.time for event in events)
            self._newest = max(newest, self._newest or newest)
        for label, message in judged.labels:
            if self._is_beyond_features(label, message):
                continue
            if not apply_label(label, customers, terminals, entities, self._entities):
                judged.dead_letters.append(DeadLetter(message, "unknown_transaction"))
        batch = LastBatch(
            batch_id=batch_id,
            scored=len(judged.arrivals),
            dead_letters=len(judged.dead_letters),
            seconds=round(time.monotonic() - started, 3),
            committed_at=datetime.now(UTC),
            query_id=query_id,
            newest_arrival=max(message.arrived for message in messages),
        )
        records = self._records(messages, rows, judged)
        if self._stream.source == "kafka":
            self._output.publish(records, ends, batch.to_note())
        else:
            self._output.publish_batch(records, batch)
        write_states(self._store, customers, terminals, entities)
        if self._newest is not None:
            self._store.mark_complete(self._newest)
        self._is_first = False
        for stage, count in (
            ("scored", len(judged.arrivals)),
            ("labelled", len(judged.labels)),
            ("dead_letter", len(judged.dead_letters)),
        ):
            RECORDS_PROCESSED_TOTAL.labels("stream", stage).inc(count)

    def _as_labelled(self, event: Transaction) -> Transaction:
        """Return the event; if labels arrive separately, it is not fraud until a label says so."""
        if self._labels_come_apart and event.is_fraud is None:
            return replace(event, is_fraud=0)
        return event

    def _is_beyond_features(self, label: Label, message: Message) -> bool:
        """Return whether a separate label is too late for the features, which the lake labels."""
        age = timedelta(microseconds=message.arrived - label.time)
        return self._labels_come_apart and age > self._label_delay

    def _states(self, judged: Judged) -> tuple[States, States]:
        events = [arrival.event for arrival in judged.arrivals]
        labels = [label for label, _ in judged.labels]
        names = {e.customer_id for e in events} | {label.customer_id for label in labels}
        customers = read_states(self._store, "customer", names)
        names = {e.terminal_id for e in events} | {label.terminal_id for label in labels}
        names |= other_terminals(events, customers)
        return customers, read_states(self._store, "terminal", names)

    def _scored_before(self, judged: Judged, customers: States) -> pa.Table | None:
        """Return the existing scores of transactions that are not newer than their card's state.

        In the first micro-batch after a start, all transactions are looked up, because the states
        are written after the scores.
        """
        ids: list[str] = []
        days: set[date] = set()
        for event in (arrival.event for arrival in judged.arrivals):
            state = customers.get(event.customer_id)
            is_newer = state is None or not len(state.rows) or event.time > state.times[-1]
            if self._is_first or not is_newer:
                ids.append(event.transaction_id)
                days.add(datetime.fromtimestamp(event.time // SECOND, UTC).date())
        return self._scores.find(ids, days) if ids else None

    def _records(
        self, messages: list[Message], rows: pa.Table | None, judged: Judged
    ) -> list[OutputRecord]:
        by_position = {message.position: message for message in messages}
        scores = [
            OutputRecord(self._stream.scores_topic, name.encode(), value, by_position[position])
            for position, name, value in (score_messages(rows) if rows else ())
        ]
        dead = [
            OutputRecord(
                self._stream.dead_letter_topic,
                f"{letter.message.topic}:{letter.message.partition}:{letter.message.offset}".encode(),
                dead_letter_message(letter),
                letter.message,
            )
            for letter in judged.dead_letters
        ]
        return scores + dead


def _events_and_labels(judged: Judged) -> list[Transaction | Label]:
    return [arrival.event for arrival in judged.arrivals] + [label for label, _ in judged.labels]


def _messages(frame: DataFrame) -> list[Message]:
    """Return the messages of a micro-batch in a deterministic order."""
    arrived = F.unix_micros("timestamp").alias("arrived")
    table = frame.select("topic", "partition", "offset", arrived, "value").toArrow()
    ordered = table.sort_by([(name, "ascending") for name in ("topic", "partition", "offset")])
    return [Message(**row) for row in ordered.to_pylist()]


def _span(messages: list[Message]) -> tuple[dict[Partition, int], dict[Partition, int]]:
    """Return the first offset of each partition, and the offset after the last one."""
    first: dict[Partition, int] = {}
    ends: dict[Partition, int] = {}
    for message in messages:
        partition = message.topic, message.partition
        first.setdefault(partition, message.offset)
        ends[partition] = message.offset + 1
    return first, ends


def _positions(logged: pa.Table | None) -> dict[str, Position]:
    if logged is None:
        return {}
    names = ("topic", "partition", "offset")
    positions = zip(*(logged[name].to_pylist() for name in names), strict=True)
    return dict(zip(logged["transaction_id"].to_pylist(), positions, strict=True))


def _rows_of(judged: Judged, logged: pa.Table | None) -> pa.Table | None:
    """Return the scores of the micro-batch's transactions that an earlier attempt has written."""
    if logged is None:
        return None
    own = pa.array([arrival.event.transaction_id for arrival in judged.arrivals], pa.string())
    rows = logged.filter(pc.is_in(logged["transaction_id"], own))
    return rows if rows.num_rows else None
