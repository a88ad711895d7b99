"""The newest versions of a model, with their promotion decisions."""

from mlflow import MlflowClient

from igniteflow_core.business.report import ModelVersion
from igniteflow_resources.mlflow.promotion import DECISION, REASON, ROLLED_BACK
from igniteflow_resources.mlflow.registry import TRAINED_FROM, TRAINED_TO


def newest_versions(client: MlflowClient, name: str, count: int) -> list[ModelVersion]:
    """Return at most ``count`` versions, newest first; empty if the model is not registered."""
    of_model = f"name = '{name}'"
    aliases: dict[str, list[str]] = {}
    for registered in client.search_registered_models(of_model):
        for alias, version in sorted(registered.aliases.items()):
            aliases.setdefault(str(version), []).append(alias)
    newest = client.search_model_versions(
        of_model, max_results=count, order_by=["version_number DESC"]
    )
    return [
        ModelVersion(
            model=name,
            version=str(each.version),
            aliases=", ".join(aliases.get(str(each.version), [])),
            trained=" to ".join(
                each.tags[tag] for tag in (TRAINED_FROM, TRAINED_TO) if tag in each.tags
            ),
            decision=each.tags.get(DECISION, "not decided"),
            reason=each.tags.get(REASON, ""),
            rolled_back=each.tags.get(ROLLED_BACK),
        )
        for each in newest
    ]
