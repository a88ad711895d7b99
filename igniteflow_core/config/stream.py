"""Settings of the stream that scores transactions as they happen."""

from typing import Literal

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address, Options
from igniteflow_core.config.variables import aws_region


class StreamSettings(SettingsGroup):
    """The Kafka topics of input and output, and how the stream processes them.

    ``brokers`` is a comma-separated list of host:port; without it there is no stream.
    ``source_options`` go to Spark's Kafka reader (such as kafka.security.protocol),
    ``client_options`` to the librdkafka clients that write and query the lag (such as
    security.protocol). ``group`` names the consumer group that shows the stream's progress, and the
    transactions of its output; each running stream needs a group of its own.

    An event more than ``allowed_lateness_minutes`` older than the newest one before its micro-batch
    goes to ``dead_letter_topic``, as does one whose time is as far ahead of its arrival. The stream
    counts as stalled if messages have waited for ``stall_seconds`` without progress. While it makes
    progress, it touches ``heartbeat_file``, for a supervisor that checks the file's age.

    With ``source`` kinesis the input is read from the Kinesis streams of the same names, in
    ``kinesis_region``, or that of the variable AWS_REGION; ``kinesis_endpoint_url`` is for a server
    other than Amazon's. The output still goes to Kafka.
    """

    brokers: Address | None = None
    source: Literal["kafka", "kinesis"] = "kafka"
    kinesis_region: str | None = Field(default_factory=aws_region)
    kinesis_endpoint_url: Address | None = None
    transactions_topic: str = "transactions"
    labels_topic: str = "fraud_labels"
    scores_topic: str = "fraud_scores"
    dead_letter_topic: str = "dead_letters"
    group: str = Field(default="igniteflow-stream", min_length=1)
    source_options: Options = Field(default_factory=dict)
    client_options: Options = Field(default_factory=dict)
    checkpoint: Address = "data/stream/checkpoint"
    trigger_seconds: float = Field(default=1.0, ge=0)
    max_messages_per_batch: int = Field(default=5_000, ge=1)
    allowed_lateness_minutes: int = Field(default=60, ge=0, le=10_080)
    stall_seconds: int = Field(default=120, ge=10)
    heartbeat_file: str | None = None
