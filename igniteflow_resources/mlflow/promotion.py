"""Moving the champion's alias: promotion, refusal, and the way back.

The champion's alias is moved last and by one call of the registry, so a process that is killed at
any moment leaves the old champion or the new one, each with its decision recorded.
"""

from typing import Final

from mlflow import MlflowClient

from igniteflow_core.errors import MissingModelError
from igniteflow_core.promotion import PromotionDecision
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    PREVIOUS,
    RegisteredModel,
    model_tags,
    model_with_alias,
    require_model,
)

DECISION: Final = "promotion"
"""Tag of a version: ``promoted`` or ``refused``."""

REASON: Final = "promotion_reason"
"""Tag of a version: why it was promoted or refused."""

ROLLED_BACK: Final = "rolled_back"
"""Tag of a version that was taken out of service: why."""

PROMOTED: Final = "promoted"
REFUSED: Final = "refused"


def settle_promotion(
    client: MlflowClient,
    challenger: RegisteredModel,
    champion: RegisteredModel | None,
    decision: PromotionDecision,
) -> RegisteredModel:
    """Record the decision with the challenger and, if it is promoted, let it take over.

    Returns:
        The champion from now on.

    Raises:
        MissingModelError: the first challenger ever is refused, so that there is no champion.
    """
    outcome = PROMOTED if decision.promoted else REFUSED
    is_champion = champion is not None and champion.version == challenger.version
    if not is_champion:
        client.set_model_version_tag(challenger.name, challenger.version, DECISION, outcome)
        client.set_model_version_tag(challenger.name, challenger.version, REASON, decision.reason)
    if decision.promoted and not is_champion:
        if champion is not None:
            client.set_registered_model_alias(champion.name, PREVIOUS, champion.version)
        client.set_registered_model_alias(challenger.name, CHAMPION, challenger.version)
        return challenger
    if champion is None:
        raise MissingModelError(
            f"the first version of {challenger.name} is refused, so nothing can serve",
            where=decision.reason,
            fix="train on more days, or change the limits in promotion",
        )
    return champion


def roll_back(client: MlflowClient, name: str, reason: str) -> RegisteredModel:
    """Let the previous champion take over again; the one that served is not promoted a second time.

    Returns:
        The champion from now on.

    Raises:
        MissingModelError: there is no champion, or none before it.
    """
    champion = require_model(client, name, CHAMPION)
    previous = model_with_alias(client, name, PREVIOUS)
    if previous is None or previous.version == champion.version:
        raise MissingModelError(
            f"{name} has no champion before version {champion.version}",
            where="model registry",
            fix="train and promote another model instead",
        )
    client.set_model_version_tag(name, champion.version, ROLLED_BACK, reason)
    client.set_registered_model_alias(name, CHAMPION, previous.version)
    client.delete_registered_model_alias(name, PREVIOUS)
    return previous


def rolled_back_reason(client: MlflowClient, model: RegisteredModel) -> str | None:
    """Why the version was taken out of service, or None if it never was."""
    return model_tags(client, model).get(ROLLED_BACK)
