"""Labels from a separate source, and from feedback to the API."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.schemas.topic import MESSAGE_TIME

_KNOWN_AT = "known_at"


def landed_source(source: SourceSettings, table: str) -> SourceSettings:
    """The source of a topic of labels, read from the table in which its messages have landed.

    If a message does not contain the time at which its label became known, it is the time of the
    message.
    """
    names = {_KNOWN_AT: (*source.names_of(_KNOWN_AT), MESSAGE_TIME)}
    return source.model_copy(update={"path": table, "columns": {**source.columns, **names}})


def labels_of_feedback(feedback: DataFrame) -> DataFrame:
    """The labels among the rows of FEEDBACK_LOG, as LABELS: known when the API received them."""
    return feedback.where("kind = 'label'").select(
        "transaction_id",
        F.col("is_fraud").cast("int").alias("is_fraud"),
        F.col("received_at").alias(_KNOWN_AT),
        F.col("caller").alias("reported_by"),
    )
