"""What the champions of all domains have in common: what they show, and the check behind them."""

from typing import Literal

import dagster as dg
from mlflow import MlflowClient

from igniteflow_core.promotion import PromotionDecision
from igniteflow_resources.mlflow.promotion import (
    DECISION,
    PROMOTED,
    REASON,
    ROLLED_BACK,
    roll_back,
    rolled_back_reason,
)
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    RegisteredModel,
    model_tags,
    model_with_alias,
    registered_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource


class ChampionConfig(dg.Config):
    """Compare the challenger with the champion, or take the champion back to the one before it.

    ``version`` is the one to take out of service, so that the same request twice, or a late one,
    does nothing to another that serves by now; None for whichever serves.
    """

    action: Literal["compare", "roll_back"] = "compare"
    reason: str = "asked for by hand"
    version: str | None = None


def settled(
    client: MlflowClient,
    champion: RegisteredModel,
    challenger: RegisteredModel,
    decision: PromotionDecision,
) -> dg.MaterializeResult[None]:
    """What a champion asset shows of a decision: who serves from now on, and why.

    The recorded decision counts: a run that goes on after one that was killed right behind the
    promotion compares the champion with itself.
    """
    recorded = model_tags(client, challenger)
    return dg.MaterializeResult(
        metadata={
            "champion_version": champion.version,
            "challenger_version": challenger.version,
            "promoted": recorded.get(DECISION) == PROMOTED,
            "reason": recorded.get(REASON, decision.reason),
            "criteria": dg.MetadataValue.md(decision.markdown()),
        }
    )


def back_to_previous(
    client: MlflowClient, model: str, config: ChampionConfig
) -> dg.MaterializeResult[None]:
    """Roll back, and show who serves again, and why."""
    champion = roll_back(client, model, config.reason, config.version)
    asked = registered_model(model, config.version) if config.version else None
    return dg.MaterializeResult(
        metadata={
            "champion_version": champion.version,
            "rolled_back": asked is None or rolled_back_reason(client, asked) is not None,
            "reason": config.reason,
        }
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
