"""Shared code of the champion assets of all domains: their metadata, and their asset check."""

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
    """Compare the challenger with the champion, or roll back to the previous champion.

    ``version`` is the version to roll back, so that a repeated or late request does not affect
    another version that serves in the meantime; None for the current champion.
    """

    action: Literal["compare", "roll_back"] = "compare"
    reason: str = "requested by hand"
    version: str | None = None


def settled(
    client: MlflowClient,
    champion: RegisteredModel,
    challenger: RegisteredModel,
    decision: PromotionDecision,
) -> dg.MaterializeResult[None]:
    """Return the result of a champion asset: the champion after the decision, and the reason.

    The recorded decision is reported, because a run that is retried after a kill directly after
    the promotion compares the champion with itself.
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
    """Roll back, and return the result with the champion after the rollback, and the reason."""
    champion = roll_back(client, model, config.reason, config.version)
    requested = registered_model(model, config.version) if config.version else None
    return dg.MaterializeResult(
        metadata={
            "champion_version": champion.version,
            "rolled_back": requested is None or rolled_back_reason(client, requested) is not None,
            "reason": config.reason,
        }
    )


def champion_check(asset: dg.AssetsDefinition, model: str) -> dg.AssetChecksDefinition:
    """Create the check that the champion has passed the gate, however its alias was moved."""

    @dg.asset_check(
        asset=asset,
        name="champion_passed_the_gate",
        blocking=True,
        description="The champion was promoted by the gate and has not been rolled back since",
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
