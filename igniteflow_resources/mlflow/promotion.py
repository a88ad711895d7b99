"""Moving the champion's alias: promotion, refusal, and the way back.

Everything that belongs to a champion is recorded with its version before the champion's alias is
moved by one call of the registry, so a process that is killed at any moment leaves the old champion
or the new one, each with its decision and its way back. The alias ``previous`` only shows that way.
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
    registered_model,
    require_model,
)

DECISION: Final = "promotion"
"""Tag of a version: ``promoted`` or ``refused``."""

REASON: Final = "promotion_reason"
"""Tag of a version: why it was promoted or refused."""

ROLLED_BACK: Final = "rolled_back"
"""Tag of a version that was taken out of service: why."""

REPLACED: Final = "replaced_champion"
"""Tag of a promoted version: the version that served before it."""

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
            client.set_model_version_tag(
                challenger.name, challenger.version, REPLACED, champion.version
            )
        client.set_registered_model_alias(challenger.name, CHAMPION, challenger.version)
        champion = challenger
    if champion is None:
        raise MissingModelError(
            f"the first version of {challenger.name} is refused, so nothing can serve",
            where=decision.reason,
            fix="train on more days, or change the limits in promotion",
        )
    _show_previous(client, challenger.name)
    return champion


def previous_champion(client: MlflowClient, name: str) -> RegisteredModel | None:
    """The version that served before the champion, if there is a way back to it."""
    champion = model_with_alias(client, name, CHAMPION)
    replaced = model_tags(client, champion).get(REPLACED) if champion else None
    return registered_model(name, replaced) if replaced else None


def roll_back(
    client: MlflowClient, name: str, reason: str, version: str | None = None
) -> RegisteredModel:
    """Let the previous champion take over again; the one that served is not promoted a second time.

    Args:
        client: of the registry.
        name: of the model.
        reason: why; kept with the version that served.
        version: to take out of service; nothing happens if another one serves by now. None for
            whichever serves.

    Returns:
        The champion from now on.

    Raises:
        MissingModelError: there is no champion, or none before it.
    """
    champion = require_model(client, name, CHAMPION)
    if version is not None and champion.version != version:
        _show_previous(client, name)
        return champion
    previous = previous_champion(client, name)
    if previous is None:
        raise MissingModelError(
            f"{name} has no champion before version {champion.version}",
            where="model registry",
            fix="train and promote another model instead",
        )
    client.set_model_version_tag(name, champion.version, ROLLED_BACK, reason)
    if REPLACED in model_tags(client, previous):
        # One way back only: the same request made twice must not go back by two.
        client.delete_model_version_tag(name, previous.version, REPLACED)
    client.set_registered_model_alias(name, CHAMPION, previous.version)
    _show_previous(client, name)
    return previous


def rolled_back_reason(client: MlflowClient, model: RegisteredModel) -> str | None:
    """Why the version was taken out of service, or None if it never was."""
    return model_tags(client, model).get(ROLLED_BACK)


def _show_previous(client: MlflowClient, name: str) -> None:
    previous, shown = previous_champion(client, name), model_with_alias(client, name, PREVIOUS)
    if previous is not None and previous != shown:
        client.set_registered_model_alias(name, PREVIOUS, previous.version)
    if previous is None and shown is not None:
        client.delete_registered_model_alias(name, PREVIOUS)
