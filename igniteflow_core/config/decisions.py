"""Settings of decisions: the policy that is to be promoted, and how a change of it is judged."""

from collections.abc import Sequence

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.decisions.policy import DecisionPolicy
from igniteflow_core.schemas.own_columns import OwnColumns


class DecisionSettings(SettingsGroup):
    """The decision policy, its backtest and its gate.

    The backtest decides the newest ``backtest_days`` days whose labels are known. A missed fraud
    costs its amount, a review ``fraud.threshold.alert_cost``, and a genuine transaction that is
    declined ``decline_cost``. A changed policy is promoted unless it costs more than
    ``max_cost_rise`` times the present one's cost more, or declines a larger share of the genuine
    transactions than ``max_genuine_declined``.
    """

    policy: DecisionPolicy = DecisionPolicy()
    backtest_days: int = Field(default=28, ge=1)
    decline_cost: float = Field(default=10.0, ge=0)
    max_cost_rise: float = Field(default=0.1, ge=0)
    max_genuine_declined: float = Field(default=0.01, ge=0, le=1)


def decision_faults(
    settings: DecisionSettings, entities: Sequence[EntitySettings], own: OwnColumns
) -> list[str]:
    """Everything that is wrong with the lists and rules of the policy, each with its setting."""
    if settings.policy == DecisionPolicy():
        return []
    # Only here: it loads what computes features, which settings without lists and rules need not.
    from igniteflow_core.decisions.compiled import policy_faults  # noqa: PLC0415
    from igniteflow_core.features.declared import vocabulary  # noqa: PLC0415

    faults = policy_faults(settings.policy, vocabulary(entities, own))
    return [f"decisions.policy.{fault}" for fault in faults]
