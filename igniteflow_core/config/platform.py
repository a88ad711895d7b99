"""Where the platform runs: lake, Spark, MLflow, partitions and schedules."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address, Options


class LakeSettings(SettingsGroup):
    """The Delta lake. ``root`` is a folder or an object-store address such as ``s3a://bucket``.

    Every version of the last ``history_days`` can be read and restored; maintenance deletes files
    that only older versions use. Below a week, a slow query or stream could lose files that it
    still reads.
    """

    root: Address = "data/lake"
    history_days: int = Field(default=7, ge=7)


class SparkSettings(SettingsGroup):
    """The Spark session of a run. ``config`` is passed to Spark as it is and wins.

    ``packages`` are Maven's, as organisation:artifact:version, that set-up fetches besides Delta's
    and Kafka's: for an object store or a database. ``excluded_packages``, as
    organisation:artifact, are excluded from the dependencies of all of them.
    """

    master: str = "local[*]"
    driver_memory: str = "2g"
    shuffle_partitions: int = Field(default=2, ge=1)
    jars_dir: str = ".jars"
    packages: tuple[str, ...] = ()
    excluded_packages: tuple[str, ...] = ()
    config: Options = Field(default_factory=dict)


def _artifacts_of(settings: dict[str, Any]) -> str | None:
    """The default of ``artifact_root``: a tracking server stores artifacts itself."""
    served = str(settings.get("tracking_uri")).startswith(("http://", "https://"))
    return None if served else "data/mlflow/artifacts"


class MlflowSettings(SettingsGroup):
    """The tracking server. The default keeps runs in SQLite and artifacts in a folder.

    ``registry_uri`` is where models are registered, or None for the tracking server.
    ``artifact_root`` is a folder, an address such as ``s3://bucket/mlflow``, or None for what the
    server chooses.
    """

    tracking_uri: Address = "sqlite:///data/mlflow/mlflow.db"
    registry_uri: Address | None = None
    artifact_root: Address | None = Field(default_factory=_artifacts_of)
    experiment: str = "igniteflow"

    @property
    def artifact_location(self) -> str | None:
        """Where the artifacts of a new experiment are; None leaves it to the server."""
        root = self.artifact_root
        return root if root is None or "://" in root else Path(root).resolve().as_uri()

    @property
    def models_uri(self) -> str:
        """Where models are registered."""
        return self.registry_uri or self.tracking_uri


class PartitionSettings(SettingsGroup):
    """The daily partitions, in UTC: first day and last day, or None for up to yesterday."""

    start_date: date
    end_date: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "PartitionSettings":
        if self.end_date is not None and self.end_date < self.start_date:
            raise ValueError(f"end_date {self.end_date} is before start_date {self.start_date}")
        return self


class ScheduleSettings(SettingsGroup):
    """What starts by itself, and when, in UTC.

    ``running`` names the schedules and sensors that are switched on when the code location is
    loaded for the first time, or says ``all`` or ``none``; whoever switches one in the UI has the
    last word.
    """

    running: Literal["all", "none"] | tuple[str, ...] = "all"
    daily_hour: int = Field(default=2, ge=0, le=23)
    fraud_training_cron: str = "0 4 * * 1"
    recommendation_cron: str = "0 5 * * *"
    recommendation_training_cron: str = "0 4 * * 2"
    experiment_cron: str = "30 5 * * *"
    decision_policy_cron: str = "30 4 * * *"
    fraud_review_cron: str = "0 6 1 * *"
    logs_cron: str = "50 * * * *"
    recommendation_review_cron: str = "0 6 * * 0"
    audit_cron: str = "10 * * * *"
    arrivals_cron: str = "20 * * * *"
    maintenance_cron: str = "40 3 * * *"
    stream_cron: str = "30 6 * * *"
    drift_interval_seconds: int = Field(default=60, ge=1)

    @property
    def named(self) -> tuple[str, ...]:
        """The schedules and sensors that are named."""
        return self.running if isinstance(self.running, tuple) else ()

    def runs(self, name: str) -> bool:
        """Whether the schedule or sensor is switched on from the start."""
        return self.running == "all" or name in self.named


class ExecutionSettings(SettingsGroup):
    """How the steps of a run are executed.

    ``in_process`` shares one Spark session between all steps of a run; ``k8s`` gives each step a
    pod of its own.
    """

    executor: Literal["in_process", "k8s"] = "in_process"
    k8s_image: str | None = None
    k8s_namespace: str = "igniteflow"
    k8s_service_account: str | None = None

    @model_validator(mode="after")
    def _image_for_pods(self) -> "ExecutionSettings":
        if self.executor == "k8s" and not self.k8s_image:
            raise ValueError("executor k8s needs k8s_image, the image of the step pods")
        return self
