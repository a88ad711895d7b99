"""Scored transactions as rows of STREAM_SCORES, and as messages."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from igniteflow_core.decisions.decider import Decider
from igniteflow_core.features.contract import with_features
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.windows import Floats
from igniteflow_core.schemas.own_columns import (
    COORDINATES,
    NO_OWN_COLUMNS,
    OwnColumns,
    OwnType,
    with_own_columns,
)
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.stream.judge import Arrival, DeadLetter
from igniteflow_core.stream.messages import Position

_TIME = pa.timestamp("us", tz="UTC")
_ARROW_TYPES: Mapping[OwnType, pa.DataType] = {
    "numeric": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": _TIME,
    "categorical": pa.string(),
    "ip": pa.string(),
    "email": pa.string(),
    **dict.fromkeys(COORDINATES, pa.float64()),
}
_LONGEST_VALUE = 50_000
_MESSAGE_COLUMNS = (
    "transaction_id",
    "event_time",
    "customer_id",
    "terminal_id",
    "score",
    "is_alert",
    "decision",
    "decided_by",
    "model_version",
    "policy_version",
    "policy_hash",
)


@dataclass(frozen=True)
class Scorer:
    """A fraud model and a policy, with the version that is reported with each score."""

    decider: Decider
    version: str


def scored_rows(
    arrivals: list[Arrival],
    features: Floats,
    scorer: Scorer,
    *,
    batch_id: int,
    scored_at: datetime,
    own: OwnColumns = NO_OWN_COLUMNS,
    entities: OwnEntities = (),
) -> pa.Table:
    """The rows of STREAM_SCORES with the own columns and the features of the entities.

    Args:
        arrivals: at least one transaction.
        features: features of each, columns as ``FEATURE_NAMES`` and the entities' features, shape
            (arrivals, features).
        scorer: model with its version.
        batch_id: number of the micro-batch.
        scored_at: the start of the micro-batch, with its zone.
        own: own columns of transactions, including those of the model.
        entities: the declared entities.
    """
    decider = scorer.decider
    events = [arrival.event for arrival in arrivals]
    values = {name: [event.own[name] for event in events] for name in own}
    decided = decider.decide(
        features, [event.values for event in events], [event.time for event in events]
    )
    made = decider.policy.columns_of_decisions(decided.decisions)
    messages = [arrival.message for arrival in arrivals]
    time = pa.array([event.time for event in events], pa.int64()).cast(_TIME)
    columns: dict[str, Any] = {
        "transaction_id": pa.array([event.transaction_id for event in events], pa.string()),
        "event_time": time,
        "customer_id": pa.array([event.customer_id for event in events], pa.string()),
        "terminal_id": pa.array([event.terminal_id for event in events], pa.string()),
        **dict(zip(decider.feature_names, np.ascontiguousarray(features.T), strict=True)),
        "score": decided.scores,
        **{name: pa.array(each) for name, each in made.items()},
        "model_version": pa.array([scorer.version] * len(events), pa.string()),
        "topic": pa.array([message.topic for message in messages], pa.string()),
        "partition": pa.array([message.partition for message in messages], pa.int32()),
        "offset": pa.array([message.offset for message in messages], pa.int64()),
        "arrived_at": pa.array([m.arrived for m in messages], pa.int64()).cast(_TIME),
        "scored_at": pa.array([scored_at] * len(events), _TIME),
        "batch_id": pa.array([batch_id] * len(events), pa.int64()),
        "event_date": time.cast(pa.timestamp("us")).cast(pa.date32()),
        **{name: pa.array(each, _ARROW_TYPES[own[name].type]) for name, each in values.items()},
    }
    contract = with_features(with_own_columns(STREAM_SCORES, own), features_of(entities))
    return pa.table({name: columns[name] for name in contract.column_names})


def score_messages(rows: pa.Table) -> Iterator[tuple[Position, str, bytes]]:
    """For each row the position of its message, the transaction's id, and its score as JSON."""
    for row in rows.select([*_MESSAGE_COLUMNS, "topic", "partition", "offset"]).to_pylist():
        position = row.pop("topic"), row.pop("partition"), row.pop("offset")
        row["event_time"] = row["event_time"].isoformat()
        yield position, row["transaction_id"], json.dumps(row).encode()


def dead_letter_message(letter: DeadLetter) -> bytes:
    """The reason, the position of the message, and its value as text, or in Base64 if not UTF-8.

    A long value is truncated, and ``value_bytes`` is its length: written as JSON it could exceed
    the broker's limit, and the stream would stop at it forever.
    """
    message = letter.message
    content: dict[str, Any] = {
        "reason": letter.reason,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
    }
    value = message.value
    if value is not None and len(value) > _LONGEST_VALUE:
        content["value_bytes"] = len(value)
    try:
        content["value"] = None if value is None else value.decode()[:_LONGEST_VALUE]
    except UnicodeDecodeError:
        content["value_base64"] = base64.b64encode((value or b"")[:_LONGEST_VALUE]).decode()
    return json.dumps(content).encode()
