"""Materializes fraud and recommendations over the tests' days, where the variables say."""

import sys

import dagster as dg

from igniteflow_core.config.load import load_settings
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH, range_tags

GROUPS = ("transactions", "features", "fraud", "decisions", "recommendations")
SELECTION = (
    dg.AssetSelection.groups(*GROUPS) - dg.AssetSelection.assets("fraud_prequential_evaluation")
).without_checks()
"""The prequential evaluation trains the same model many times more."""

if __name__ == "__main__":
    with dg.DagsterInstance.get() as instance:
        result = dg.materialize(
            GRAPH,
            selection=SELECTION,
            instance=instance,
            resources=platform_resources(load_settings()),
            tags=range_tags("2025-01-01", "2025-01-24"),
            raise_on_error=False,
        )
    sys.exit(not result.success)
