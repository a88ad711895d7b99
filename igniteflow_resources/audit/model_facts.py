"""What the registry and the tracking server hold of a model version, for its report."""

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
"""The assets that make, judge and serve each model."""

_EVALUATIONS: Final = {FRAUD_MODEL: "fraud_evaluation", RECOMMENDER: "recommendation_evaluation"}


def registry_facts(client: MlflowClient, model: str, version: str) -> RegistryFacts:
    """What the registry says of the version.

    Raises:
        MissingModelError: it holds no such version.
    """
    try:
        held = client.get_model_version(model, version)
    except MlflowException as error:
        raise MissingModelError(
            f"there is no version {version} of {model}",
            where="model registry",
            fix=f"name one of {', '.join(_ASSETS)} with a version of it, as MODEL@VERSION",
        ) from error
    run = client.get_run(held.run_id) if held.run_id else None
    aliases = client.get_registered_model(model).aliases
    return RegistryFacts(
        model=model,
        version=version,
        aliases=sorted(alias for alias, of in aliases.items() if str(of) == version),
        tags=dict(held.tags),
        mlflow_run_id=held.run_id or "",
        run_id=run.data.tags.get("dagster.run_id") if run else None,
        assets=_ASSETS.get(model, frozenset()),
    )


def evaluation_artifacts(
    client: MlflowClient, facts: RegistryFacts, folder: Path
) -> tuple[dict[str, bytes], dict[str, list[dict[str, object]]]]:
    """Plots and tables of the evaluation of the version; nothing where it was not evaluated.

    Args:
        client: of the tracking server.
        facts: of the version.
        folder: to download to.
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
    for held in client.list_artifacts(run_id, "plots"):
        plots[Path(held.path).stem] = Path(
            client.download_artifacts(run_id, held.path, str(folder))
        ).read_bytes()
    for held in client.list_artifacts(run_id, "tables"):
        local = client.download_artifacts(run_id, held.path, str(folder))
        frame = pd.read_json(local, orient="split")
        tables[Path(held.path).stem] = [
            {str(column): value for column, value in row.items()}
            for row in frame.to_dict("records")
        ]
    return plots, tables
