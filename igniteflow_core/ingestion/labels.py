"""Labels as they come: of a source of their own, and told to the API."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.schemas.topic import MESSAGE_TIME

_KNOWN_AT = "known_at"


def landed_source(source: SourceSettings, table: str) -> SourceSettings:
    """The source of a topic of labels as the table in which its messages have landed.

    A message that does not say since when its label is known was known when it was sent.
    """
    names = {_KNOWN_AT: (*source.names_of(_KNOWN_AT), MESSAGE_TIME)}
    return source.model_copy(update={"path": table, "columns": {**source.columns, **names}})


def told_labels(feedback: DataFrame) -> DataFrame:
    """The labels among the rows of FEEDBACK_LOG, as LABELS: known when the API was told."""
    return feedback.where("kind = 'label'").select(
        "transaction_id",
        F.col("is_fraud").cast("int").alias("is_fraud"),
        F.col("received_at").alias(_KNOWN_AT),
        F.col("caller").alias("reported_by"),
    )
