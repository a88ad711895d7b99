"""The endpoints; a version is tried in the real server and then rolled out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from igniteflow_assets.automation import after_promotion_of
from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.recommendations.evaluation import load_hybrid_recommender
from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.deployment.endpoint import Endpoint, EndpointName, Rollout
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.recommendations.artifact import save_recommender
from igniteflow_core.schemas.interactions import RECOMMENDATIONS
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_resources.deployment.archive import model_archive
from igniteflow_resources.deployment.trial import try_version
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.policies import promoted_policy
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    FRAUD_MODEL,
    RECOMMENDER,
    RegisteredModel,
    model_with_alias,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource

FIRST_REQUEST = "first_request"
"""Metadata of the endpoints: the body of an example request with existing entities."""

Write = Callable[[RegisteredModel], Callable[[Path], None]]


@dg.asset(
    deps=["fraud_champion", "decision_policy_champion", "online_features"],
    description="The models behind /predict: the champion, the challenger if it is rolled out, and "
    "the decision policy",
    kinds={"onnx", "fastapi"},
    automation_condition=after_promotion_of("fraud_champion", "decision_policy_champion"),
)
def fraud_endpoint(
    fraud_training_set: pd.DataFrame, mlflow: MlflowResource, settings: SettingsResource
) -> dg.MaterializeResult[None]:
    """Export, try and roll out the fraud model, with the promoted policy."""
    newest = fraud_training_set.nlargest(1, "event_time").iloc[0]
    request = request_of(newest, settings.current.sources.own_columns)

    def write(model: RegisteredModel) -> Callable[[Path], None]:
        return lambda folder: save_scorer(load_fraud_ensemble(model), folder)

    current = settings.current
    # Compiled here, so that a policy that could not be loaded is not rolled out.
    known = vocabulary(current.fraud.entities, current.sources.own_columns)
    policy = promoted_policy(mlflow.client, known)
    return _deploy("fraud", FRAUD_MODEL, write, request, mlflow, current, policy)


def request_of(row: "pd.Series[Any]", own: OwnColumns) -> dict[str, Any]:
    """Return the body of a request to score a transaction of the training set."""
    return {
        "transaction_id": "first",
        "event_time": row["event_time"].isoformat(),
        "customer_id": row["customer_id"],
        "terminal_id": row["terminal_id"],
        "amount": float(row["amount"]),
        **{name: _plain(row[name]) for name in own},
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a scalar of pandas
    """Convert the value to a type that JSON can encode."""
    plain = value.item() if isinstance(value, np.generic) else value
    if pd.isna(plain):
        return None
    # Times of pandas state no zone; those of the tables are in UTC.
    is_time = isinstance(plain, pd.Timestamp)
    return pd.to_datetime(plain, utc=True).isoformat() if is_time else plain


@dg.asset(
    deps=["recommendation_champion", "online_users", "online_catalogue"],
    description="The model behind /recommend and /similar",
    kinds={"numpy", "fastapi"},
    automation_condition=after_promotion_of("recommendation_champion"),
)
def recommendation_endpoint(
    lake: LakeResource, mlflow: MlflowResource, settings: SettingsResource
) -> dg.MaterializeResult[None]:
    """Try and roll out the recommender."""

    def write(model: RegisteredModel) -> Callable[[Path], None]:
        return lambda folder: save_recommender(load_hybrid_recommender(model), folder)

    user = lake.read(RECOMMENDATIONS.name).agg(F.min("user_id")).collect()[0][0]
    request = {"user_id": user, "n": 3}
    return _deploy("recommender", RECOMMENDER, write, request, mlflow, settings.current)


def _deploy(
    name: EndpointName,
    registered: str,
    write: Write,
    request: Mapping[str, Any],
    mlflow: MlflowResource,
    settings: Settings,
    policy: CompiledPolicy | None = None,
) -> dg.MaterializeResult[None]:
    serving = settings.serving
    champion = require_model(mlflow.client, registered, CHAMPION)
    challenger = model_with_alias(mlflow.client, registered, CHALLENGER)
    endpoint = Endpoint(Path(serving.endpoints_dir, name))
    rollout = _rollout(champion, challenger, serving)
    answers = {}
    for model in (champion, challenger):
        if model is not None and model.version in rollout.versions:
            if not endpoint.version_folder(model.version).exists():
                answers[model.version] = try_version(name, model.version, write(model), request)
            endpoint.add_version(model.version, write(model))
    if policy is not None:
        endpoint.add_policy(policy.version, policy.policy)
        rollout = rollout.model_copy(update={"policy": policy.version})
    endpoint.roll_out(rollout)
    endpoint.remove_unused(rollout)
    metadata: dict[str, Any] = {}
    if serving.sagemaker is not None:
        # Imported only here, because boto3 belongs to an optional extra.
        from igniteflow_resources.deployment import sagemaker  # noqa: PLC0415

        clients = sagemaker.connect(serving.sagemaker)
        target = sagemaker.SageMakerEndpoint(name, serving.sagemaker, clients)
        deployed = target.deploy(model_archive(endpoint.folder, settings))
        metadata = {f"sagemaker_{key}": value for key, value in asdict(deployed).items()}
    return dg.MaterializeResult(
        metadata={
            "champion_version": rollout.champion,
            **({} if rollout.policy is None else {"policy_version": rollout.policy}),
            "rollout": dg.MetadataValue.json(rollout.model_dump()),
            "folder": dg.MetadataValue.path(str(endpoint.folder)),
            "trial_answers": dg.MetadataValue.json(answers),
            FIRST_REQUEST: dg.MetadataValue.json(dict(request)),
            "serve": "igniteflow serve",
            **metadata,
        }
    )


def _rollout(
    champion: RegisteredModel, challenger: RegisteredModel | None, settings: ServingSettings
) -> Rollout:
    role = settings.rollout.challenger
    if role == "none" or challenger is None or challenger.version == champion.version:
        return Rollout(champion=champion.version)
    if role == "shadow":
        return Rollout(champion=champion.version, shadow=challenger.version)
    return Rollout(
        champion=champion.version,
        canary=challenger.version,
        canary_percent=settings.rollout.canary_percent,
    )
