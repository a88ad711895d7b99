"""All settings of one environment."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.online import OnlineStoreSettings
from igniteflow_core.config.owners import OwnerSettings
from igniteflow_core.config.platform import (
    AlertSettings,
    ExecutionSettings,
    LakeSettings,
    MlflowSettings,
    PartitionSettings,
    ScheduleSettings,
    SparkSettings,
)
from igniteflow_core.config.promotion import PerformanceSettings, PromotionSettings
from igniteflow_core.config.quality import QualitySettings
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.config.sources import SourcesSettings
from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.config.telemetry import TelemetrySettings
from igniteflow_core.schemas.own_columns import inputs_of_models

Environment = Literal["local", "dev", "staging", "prod"]


class Settings(SettingsGroup):
    """Every setting, validated; see ``load_settings`` for where the values come from."""

    environment: Environment
    owners: OwnerSettings = OwnerSettings()
    lake: LakeSettings = LakeSettings()
    spark: SparkSettings = SparkSettings()
    mlflow: MlflowSettings = MlflowSettings()
    execution: ExecutionSettings = ExecutionSettings()
    partitions: PartitionSettings
    schedules: ScheduleSettings = ScheduleSettings()
    alerts: AlertSettings = AlertSettings()
    sources: SourcesSettings
    quality: dict[str, QualitySettings] = Field(default_factory=dict)
    fraud: FraudSettings = FraudSettings()
    recommendations: RecommendationSettings = RecommendationSettings()
    promotion: PromotionSettings = PromotionSettings()
    performance: PerformanceSettings = PerformanceSettings()
    drift: DriftSettings = DriftSettings()
    online: OnlineStoreSettings = OnlineStoreSettings()
    serving: ServingSettings = ServingSettings()
    stream: StreamSettings = StreamSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    experiments: tuple[ExperimentSettings, ...] = ()

    @model_validator(mode="after")
    def _own_columns_where_they_are_encoded(self) -> "Settings":
        if inputs_of_models(self.sources.own_columns) and self.fraud.spark_workers:
            raise ValueError(
                "sources.own_columns are not encoded by distributed training: set "
                "fraud.spark_workers to 0, or take the own columns out"
            )
        return self

    @field_validator("experiments")
    @classmethod
    def _one_of_each_name(
        cls, experiments: tuple[ExperimentSettings, ...]
    ) -> tuple[ExperimentSettings, ...]:
        names = [experiment.name for experiment in experiments]
        if len(set(names)) < len(names):
            raise ValueError(f"experiments share a name: {sorted(names)}")
        return experiments
