"""What the champions of all domains have in common: what they show, and the check behind them."""

from typing import Literal

import dagster as dg

from igniteflow_core.promotion import PromotionDecision
from igniteflow_resources.mlflow.promotion import DECISION, PROMOTED, REASON, ROLLED_BACK
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    RegisteredModel,
    model_tags,
    model_with_alias,
)
from igniteflow_resources.mlflow.tracking import MlflowResource


class ChampionConfig(dg.Config):
    """Compare the challenger with the champion, or take the champion back to the one before it."""

    action: Literal["compare", "roll_back"] = "compare"
    reason: str = "asked for by hand"


def settled(
    champion: RegisteredModel, challenger: RegisteredModel, decision: PromotionDecision
) -> dg.MaterializeResult[None]:
    """What a champion asset shows of a decision: who serves from now on, and why."""
    return dg.MaterializeResult(
        metadata={
            "champion_version": champion.version,
            "challenger_version": challenger.version,
            "promoted": decision.promoted,
            "reason": decision.reason,
            "criteria": dg.MetadataValue.md(decision.markdown()),
        }
    )


def rolled_back(champion: RegisteredModel, reason: str) -> dg.MaterializeResult[None]:
    """What a champion asset shows of a roll-back: who serves again, and why."""
    return dg.MaterializeResult(
        metadata={"champion_version": champion.version, "rolled_back": True, "reason": reason}
    )


def champion_check(asset: dg.AssetsDefinition, model: str) -> dg.AssetChecksDefinition:
    """The check that nothing serves but what the gate has let through, however the alias moved."""

    @dg.asset_check(
        asset=asset,
        name="champion_passed_the_gate",
        blocking=True,
        description="The champion was promoted by the gate and not taken out of service since",
    )
    def champion_passed_the_gate(mlflow: MlflowResource) -> dg.AssetCheckResult:
        client = mlflow.client
        champion = model_with_alias(client, model, CHAMPION)
        if champion is None:
            return dg.AssetCheckResult(passed=False, description=f"{model} has no champion")
        tags = model_tags(client, champion)
        challenger = model_with_alias(client, model, CHALLENGER)
        return dg.AssetCheckResult(
            passed=tags.get(DECISION) == PROMOTED and ROLLED_BACK not in tags,
            metadata={
                "champion_version": champion.version,
                "challenger_version": challenger.version if challenger else "none",
                "decision": tags.get(DECISION, "none recorded"),
                "reason": tags.get(REASON, "none recorded"),
                "rolled_back": tags.get(ROLLED_BACK, "no"),
            },
        )

    return champion_passed_the_gate
