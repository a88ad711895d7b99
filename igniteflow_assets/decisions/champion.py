"""Promotion and rollback of decision policies."""

import dagster as dg
import pandas as pd

from igniteflow_assets.promotion import ChampionConfig, back_to_previous, champion_check, settled
from igniteflow_core.config.decisions import DecisionSettings
from igniteflow_core.decisions.backtest import CHANGED, policy_criteria, totals_of
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.promotion import (
    Criterion,
    PromotionDecision,
    better_than_champion,
    never_rolled_back,
)
from igniteflow_core.schemas.backtest import DECISION_BACKTEST
from igniteflow_resources.mlflow.policies import DECISION_POLICY
from igniteflow_resources.mlflow.promotion import rolled_back_reason, settle_promotion
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    RegisteredModel,
    model_with_alias,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    description="The decision policy that decides: a changed one takes over unless its backtest "
    "shows that it costs more, or declines more genuine transactions, than the settings allow",
    kinds={"mlflow"},
)
def decision_policy_champion(
    config: ChampionConfig,
    decision_backtest: pd.DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Judge the changed policy by its backtest, and promote or refuse; or roll back."""
    client = mlflow.client
    if config.action == "roll_back":
        return back_to_previous(client, DECISION_POLICY, config)
    challenger = require_model(client, DECISION_POLICY, CHALLENGER)
    champion = model_with_alias(client, DECISION_POLICY, CHAMPION)
    decision = _decide(
        decision_backtest,
        challenger,
        champion,
        never_rolled_back(rolled_back_reason(client, challenger)),
        settings.current.decisions,
    )
    deciding = settle_promotion(client, challenger, champion, decision)
    return settled(client, deciding, challenger, decision)


def _decide(
    days: pd.DataFrame,
    challenger: RegisteredModel,
    champion: RegisteredModel | None,
    never_back: Criterion,
    settings: DecisionSettings,
) -> PromotionDecision:
    if champion is None:
        return PromotionDecision((better_than_champion("", None, 0), never_back))
    if days.empty:
        unjudged = Criterion(
            "cost of the changed policy", True, "no day to judge by has labels yet", "none"
        )
        return PromotionDecision((unjudged, never_back))
    judged = set(days.loc[days["policy"] == CHANGED, "policy_version"])
    if judged != {challenger.version}:
        raise InsufficientDataError(
            f"the backtest is of version {', '.join(sorted(judged))} of the decision policy, and "
            f"version {challenger.version} is to be judged",
            where=DECISION_BACKTEST.name,
            fix="materialize decision_backtest first, as decision_policy_job does",
        )
    criteria = policy_criteria(
        totals_of(days),
        max_cost_rise=settings.max_cost_rise,
        max_genuine_declined=settings.max_genuine_declined,
    )
    return PromotionDecision((*criteria, never_back))


decision_policy_champion_passed_the_gate = champion_check(decision_policy_champion, DECISION_POLICY)
