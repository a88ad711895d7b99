"""Contract of the messages of a topic that have landed in the lake."""

from igniteflow_core.schemas.contract import Column, TableContract

LANDED_AT = "landed_at"
MESSAGE_TIME = "arrived_at"

TOPIC_MESSAGES = TableContract(
    name="topic_messages",
    description="Messages of the topic of transactions as they arrived, each once",
    columns=(
        Column(name="topic", type="string", description="Kafka topic of the message"),
        Column(name="partition", type="int", description="Partition of the topic"),
        Column(name="offset", type="bigint", description="Offset in the partition"),
        Column(
            name=MESSAGE_TIME, type="timestamp", unit="UTC", description="Timestamp of the message"
        ),
        Column(name="value", type="string", nullable=True, description="The message itself"),
        Column(
            name=LANDED_AT, type="timestamp", unit="UTC", description="When it landed in the lake"
        ),
        Column(name="landed_date", type="date", description="Day of landed_at in UTC"),
    ),
    key=("topic", "partition", "offset"),
    partition_by="landed_date",
    append_only=True,
)
