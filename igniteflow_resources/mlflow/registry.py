"""Registered model versions, and the aliases that select the version to serve."""

from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from igniteflow_core.errors import MissingModelError

FRAUD_MODEL = "fraud_ensemble"
RECOMMENDER = "recommender"
CHAMPION = "champion"
CHALLENGER = "challenger"
PREVIOUS = "previous"
TRAINED_FROM = "trained_from"
TRAINED_TO = "trained_to"
EVALUATED_TO = "evaluated_to"
AVERAGE_PRECISION = "average_precision"


@dataclass(frozen=True)
class RegisteredModel:
    """One version of a registered model; ``uri`` loads it."""

    name: str
    version: str
    uri: str


def registered_model(name: str, version: str) -> RegisteredModel:
    """Return the model version with that number."""
    return RegisteredModel(name, version, f"models:/{name}/{version}")


def model_with_alias(client: MlflowClient, name: str, alias: str) -> RegisteredModel | None:
    """Return the version that has the alias, or None if no version has it."""
    try:
        version = client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise
    return registered_model(name, str(version.version))


def require_model(client: MlflowClient, name: str, alias: str) -> RegisteredModel:
    """Return the version that has the alias.

    Raises:
        MissingModelError: no version has it.
    """
    model = model_with_alias(client, name, alias)
    if model is None:
        raise MissingModelError(
            f"no version of the model {name} is the {alias}",
            where="model registry",
            fix=f"materialize the assets that train and promote {name}",
        )
    return model


def model_tags(client: MlflowClient, model: RegisteredModel) -> dict[str, str]:
    """Return the tags of the version."""
    return dict(client.get_model_version(model.name, model.version).tags)


def download_model_files(model: RegisteredModel, folder: Path) -> Path:
    """Download the files that the model was logged with to ``folder``, and return their path."""
    root = mlflow.artifacts.download_artifacts(artifact_uri=model.uri, dst_path=str(folder))
    artifacts = Path(root, "artifacts")
    # MLflow stores an artifact under the name of the folder that it was logged from.
    return next(path for path in artifacts.iterdir() if path.is_dir())
