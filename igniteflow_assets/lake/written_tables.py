"""Which tables of the lake there are."""

import dagster as dg

from igniteflow_core.schemas.labels import LABEL_MESSAGES
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.schemas.topic import TOPIC_MESSAGES
from igniteflow_resources.lake.tables import LakeResource


def written_tables(instance: dg.DagsterInstance, lake: LakeResource) -> list[str]:
    """The tables of all assets that were ever materialized, and those of topics, by name."""
    names = {key.path[-1] for key in instance.get_asset_keys()}
    names |= {STREAM_SCORES.name, TOPIC_MESSAGES.name, LABEL_MESSAGES.name}
    return [name for name in sorted(names) if lake.exists(name)]
