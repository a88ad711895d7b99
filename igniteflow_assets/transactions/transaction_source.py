"""The source of the transactions."""

from igniteflow_core.config.settings import Settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.schemas.topic import TOPIC_MESSAGES
from igniteflow_resources.lake.tables import LakeResource


def transaction_source(settings: Settings, lake: LakeResource) -> SourceSettings:
    """Return the source of transactions; for a topic, the table with its landed messages."""
    source = settings.sources.transactions
    if source.format != "kafka":
        return source
    return source.model_copy(update={"path": lake.path(TOPIC_MESSAGES.name)})
