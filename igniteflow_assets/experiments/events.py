"""Accepted and quarantined exposures and outcomes."""

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_core.schemas.experiments import EXPOSURES, OUTCOMES

validated_exposures = delivered_table(EXPOSURES)
validated_outcomes = delivered_table(OUTCOMES)
