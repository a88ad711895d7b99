"""Collects a model version's data from the registry and tracking server, for its report."""

from pathlib import Path
from typing import Final

import pandas as pd
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from igniteflow_core.audit.provenance import RegistryFacts
from igniteflow_core.errors import MissingModelError
from igniteflow_resources.mlflow.policies import DECISION_POLICY
from igniteflow_resources.mlflow.registry import FRAUD_MODEL, RECOMMENDER

_ASSETS: Final = {
    FRAUD_MODEL: frozenset(
        {"fraud_model", "fraud_evaluation", "fraud_champion", "fraud_performance", "fraud_endpoint"}
    ),
    RECOMMENDER: frozenset(
        {
            "hybrid_recommender",
            "recommendation_evaluation",
            "recommendation_champion",
            "recommendation_endpoint",
        }
    ),
    DECISION_POLICY: frozenset({"decision_policy", "decision_policy_champion"}),
}
"""The assets that train, evaluate and serve each model."""

_EVALUATIONS: Final = {FRAUD_MODEL: "fraud_evaluation", RECOMMENDER: "recommendation_evaluation"}


def registry_facts(client: MlflowClient, model: str, version: str) -> RegistryFacts:
    """Return the registry's entry of the version.

    Raises:
        MissingModelError: the registry has no such version.
    """
    try:
        registered = client.get_model_version(model, version)
    except MlflowException as error:
        raise MissingModelError(
            f"there is no version {version} of {model}",
            where="model registry",
            fix=f"give one of {', '.join(_ASSETS)} and its version as MODEL@VERSION",
        ) from error
    run = client.get_run(registered.run_id) if registered.run_id else None
    aliases = client.get_registered_model(model).aliases
    return RegistryFacts(
        model=model,
        version=version,
        aliases=sorted(alias for alias, of in aliases.items() if str(of) == version),
        tags=dict(registered.tags),
        mlflow_run_id=registered.run_id or "",
        run_id=run.data.tags.get("dagster.run_id") if run else None,
        assets=_ASSETS.get(model, frozenset()),
    )


def evaluation_artifacts(
    client: MlflowClient, facts: RegistryFacts, folder: Path
) -> tuple[dict[str, bytes], dict[str, list[dict[str, object]]]]:
    """Return the evaluation's plots and tables; both are empty if the version was not evaluated.

    Args:
        client: client of the tracking server.
        facts: registry entry of the version.
        folder: folder to download to.
    """
    if facts.run_id is None or facts.model not in _EVALUATIONS:
        return {}, {}
    experiment = client.get_run(facts.mlflow_run_id).info.experiment_id
    runs = client.search_runs(
        [experiment],
        f"tags.`dagster.asset` = '{_EVALUATIONS[facts.model]}' "
        f"and tags.`dagster.run_id` = '{facts.run_id}'",
        max_results=1,
    )
    if not runs:
        return {}, {}
    run_id = runs[0].info.run_id
    plots: dict[str, bytes] = {}
    tables: dict[str, list[dict[str, object]]] = {}
    for artifact in client.list_artifacts(run_id, "plots"):
        plots[Path(artifact.path).stem] = Path(
            client.download_artifacts(run_id, artifact.path, str(folder))
        ).read_bytes()
    for artifact in client.list_artifacts(run_id, "tables"):
        local = client.download_artifacts(run_id, artifact.path, str(folder))
        frame = pd.read_json(local, orient="split")
        tables[Path(artifact.path).stem] = [
            {str(column): value for column, value in row.items()}
            for row in frame.to_dict("records")
        ]
    return plots, tables
