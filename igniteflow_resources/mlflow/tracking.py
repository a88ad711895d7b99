"""MLflow tracking of Dagster's runs, with the lineage of models to their training data."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from dagster import (
    AssetExecutionContext,
    ConfigurableResource,
    InitResourceContext,
)
from dagster_mlflow.resources import MlFlow
from matplotlib.figure import Figure
from mlflow import ActiveRun, MlflowClient
from mlflow.models import infer_signature
from pydantic import PrivateAttr

from igniteflow_resources.mlflow.registry import RegisteredModel, registered_model

_REQUIREMENTS = Path(__file__).with_name("model_requirements.txt")


class MlflowResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """A tracking server, or a database and a folder, with one MLflow run for each Dagster run.

    Each model is a nested run below it, tagged with its asset and with the versions of the Delta
    tables that it was made from.
    """

    tracking_uri: str
    registry_uri: str
    experiment: str
    artifact_location: str | None = None

    _mlflow: MlFlow = PrivateAttr()

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Start the MLflow run of this Dagster run; all processes of the run share it."""
        self._create_experiment()
        self._mlflow = MlFlow(
            context.replace_config(
                {
                    "mlflow_tracking_uri": self.tracking_uri,
                    "experiment_name": self.experiment,
                    "extra_tags": {"dagster/job": context.run.job_name if context.run else ""},
                }
            )
        )

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """End the MLflow run, with the status failed if a step raised an error."""
        self._mlflow.cleanup_on_error()
        mlflow.end_run()

    @property
    def client(self) -> MlflowClient:
        """Return a client of the tracking server and registry."""
        return MlflowClient(tracking_uri=self.tracking_uri, registry_uri=self.registry_uri)

    @contextmanager
    def asset_run(
        self, context: AssetExecutionContext, table_versions: Mapping[str, int]
    ) -> Iterator[ActiveRun]:
        """Start a nested run of this asset; ``table_versions`` are the Delta versions it reads."""
        tags = {f"delta.{table}": str(version) for table, version in table_versions.items()}
        tags |= {
            "dagster.asset": context.asset_key.to_user_string(),
            "dagster.run_id": context.run_id,
        }
        with mlflow.start_run(run_name=context.asset_key.path[-1], nested=True, tags=tags) as run:
            yield run

    def log_model(
        self,
        *,
        name: str,
        code: Path,
        files: Path,
        input_example: pd.DataFrame,
        output_example: pd.DataFrame,
        tags: Mapping[str, str],
    ) -> RegisteredModel:
        """Log and register a model that consists of code and a folder of files, without a pickle.

        Args:
            name: name of the registered model.
            code: script that defines the model and ends with ``mlflow.models.set_model``.
            files: folder that the script loads; it becomes the artifact ``model``.
            input_example: a few rows of input.
            output_example: the model's output for the input example.
            tags: tags of the registered version.
        """
        info = mlflow.pyfunc.log_model(
            name=name,
            python_model=str(code),
            artifacts={"model": str(files)},
            signature=infer_signature(input_example, output_example),
            input_example=input_example,
            pip_requirements=str(_REQUIREMENTS),
            registered_model_name=name,
        )
        version = str(info.registered_model_version)
        for tag, value in tags.items():
            self.client.set_model_version_tag(name, version, tag, value)
        return registered_model(name, version)

    def log_figures(self, figures: Mapping[str, Figure]) -> None:
        """Log plots as images of the active run."""
        for name, figure in figures.items():
            mlflow.log_figure(figure, f"plots/{name}.png")

    def log_page(self, name: str, html: str) -> str:
        """Log a self-contained HTML page in the active run, and return its URI."""
        file = f"reports/{name}.html"
        mlflow.log_text(html, file)
        return mlflow.get_artifact_uri(file)

    def log_table(self, name: str, table: pd.DataFrame) -> None:
        """Log a small table in the active run."""
        mlflow.log_table(table, f"tables/{name}.json")

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Log any number of parameters in the active run."""
        self._mlflow.log_params(dict(params))

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log metrics in the active run."""
        mlflow.log_metrics(dict(metrics))

    def _create_experiment(self) -> None:
        # A model has its own short list of requirements, which a lock file would contradict, and
        # progress bars for files of a few kilobytes only clutter the log of a run.
        os.environ.setdefault("MLFLOW_UV_AUTO_DETECT", "false")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.registry_uri)
        if self.tracking_uri.startswith("sqlite:///"):
            Path(self.tracking_uri.removeprefix("sqlite:///")).parent.mkdir(
                parents=True, exist_ok=True
            )
        if mlflow.get_experiment_by_name(self.experiment) is None:
            mlflow.create_experiment(self.experiment, artifact_location=self.artifact_location)
