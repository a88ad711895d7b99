"""Experiments and models of a custom pipeline, stored beside the platform's."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import MlflowSettings
from igniteflow_core.config.sections import settings_of
from igniteflow_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import ActiveRun
    from mlflow.entities.model_registry import ModelVersion


class MLflowTracker:
    """A tracking server, or a file and a folder, opened on first use.

    Args:
        config: as the section ``mlflow`` of a settings file; None for the current settings.

    Raises:
        ConfigurationError: a setting does not exist.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._settings = load_settings().mlflow if config is None else _settings(config)

    @contextmanager
    def experiment_context(self, name: str) -> Iterator[ActiveRun]:
        """A run of that name in the experiment of the settings, to which the block logs."""
        # MLflow takes seconds to import, so it is imported only by pipelines that use it.
        import mlflow  # noqa: PLC0415

        settings = self._settings
        mlflow.set_tracking_uri(settings.tracking_uri)
        mlflow.set_registry_uri(settings.models_uri)
        if settings.tracking_uri.startswith("sqlite:///"):
            file = Path(settings.tracking_uri.removeprefix("sqlite:///"))
            file.parent.mkdir(parents=True, exist_ok=True)
        existing = mlflow.get_experiment_by_name(settings.experiment)
        experiment = (
            existing.experiment_id
            if existing is not None
            else mlflow.create_experiment(settings.experiment, settings.artifact_location)
        )
        nested = mlflow.active_run() is not None
        with mlflow.start_run(experiment_id=experiment, run_name=name, nested=nested) as run:
            yield run

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log parameters to the run."""
        import mlflow  # noqa: PLC0415

        mlflow.log_params(dict(params))

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log metrics to the run."""
        import mlflow  # noqa: PLC0415

        mlflow.log_metrics(dict(metrics))

    def log_artifacts(self, path: str) -> None:
        """Log a file, or a folder with its contents, to the run."""
        import mlflow  # noqa: PLC0415

        keep = mlflow.log_artifacts if Path(path).is_dir() else mlflow.log_artifact
        keep(path)

    def register_model(self, model_name: str, model_path: str) -> ModelVersion:
        """Log the file or the folder to the run, and register it as a version of the model."""
        import mlflow  # noqa: PLC0415
        from mlflow.exceptions import MlflowException  # noqa: PLC0415

        self.log_artifacts(model_path)
        client = mlflow.MlflowClient(self._settings.tracking_uri, self._settings.models_uri)
        try:
            client.create_registered_model(model_name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        run = mlflow.active_run() or mlflow.last_active_run()
        source = mlflow.get_artifact_uri(
            None if Path(model_path).is_dir() else Path(model_path).name
        )
        return client.create_model_version(model_name, source, run.info.run_id if run else None)


def _settings(config: Mapping[str, Any]) -> MlflowSettings:
    layer, mistakes = settings_of({"mlflow": dict(config)}, load_settings().environment)
    if mistakes:
        raise ConfigurationError(
            "; ".join(mistakes), where="MLflowTracker", fix="use the names of the section mlflow"
        )
    return MlflowSettings.model_validate(layer["mlflow"])
