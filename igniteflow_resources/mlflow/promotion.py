"""Moves the alias ``champion``: promotion, refusal, and rollback.

The decision and the previous champion are recorded as tags of the version before one call of the
registry moves the alias. A process that is killed at any moment therefore leaves the old or the new
champion with complete tags. The alias ``previous`` only displays the target of a rollback.
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
"""Tag of a version that was rolled back: the reason."""

REPLACED: Final = "replaced_champion"
"""Tag of a promoted version: the previous champion."""

PROMOTED: Final = "promoted"
REFUSED: Final = "refused"


def settle_promotion(
    client: MlflowClient,
    challenger: RegisteredModel,
    champion: RegisteredModel | None,
    decision: PromotionDecision,
) -> RegisteredModel:
    """Record the decision as tags of the challenger and, if it is promoted, make it the champion.

    Returns:
        The champion after the decision.

    Raises:
        MissingModelError: the first challenger is refused, so that there is no champion.
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
            f"the first version of {challenger.name} is refused, so there is no version to serve",
            where=decision.reason,
            fix="train on more days, or change the limits in promotion",
        )
    _show_previous(client, challenger.name)
    return champion


def previous_champion(client: MlflowClient, name: str) -> RegisteredModel | None:
    """Return the version that a rollback would restore, or None if there is no such version."""
    champion = model_with_alias(client, name, CHAMPION)
    replaced = model_tags(client, champion).get(REPLACED) if champion else None
    return registered_model(name, replaced) if replaced else None


def roll_back(
    client: MlflowClient, name: str, reason: str, version: str | None = None
) -> RegisteredModel:
    """Make the previous champion the champion again; the replaced version is not promoted again.

    Args:
        client: client of the registry.
        name: name of the model.
        reason: reason of the rollback, recorded as a tag of the replaced version.
        version: version to roll back; nothing changes if another version is the champion. None
            for the current champion.

    Returns:
        The champion after the rollback.

    Raises:
        MissingModelError: there is no champion, or no previous champion.
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
            fix="train and promote another version instead",
        )
    client.set_model_version_tag(name, champion.version, ROLLED_BACK, reason)
    if REPLACED in model_tags(client, previous):
        # Only one rollback is possible: a repeated request must not go back two versions.
        client.delete_model_version_tag(name, previous.version, REPLACED)
    client.set_registered_model_alias(name, CHAMPION, previous.version)
    _show_previous(client, name)
    return previous


def rolled_back_reason(client: MlflowClient, model: RegisteredModel) -> str | None:
    """Return why the version was rolled back, or None if it was not."""
    return model_tags(client, model).get(ROLLED_BACK)


def _show_previous(client: MlflowClient, name: str) -> None:
    previous, shown = previous_champion(client, name), model_with_alias(client, name, PREVIOUS)
    if previous is not None and previous != shown:
        client.set_registered_model_alias(name, PREVIOUS, previous.version)
    if previous is None and shown is not None:
        client.delete_registered_model_alias(name, PREVIOUS)
