"""All settings of one environment."""

from typing import Any

from pydantic import Field, field_validator, model_validator

from igniteflow_core.config.alerts import AlertSettings
from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.decisions import DecisionSettings
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.entities import entity_faults
from igniteflow_core.config.environments import Environment
from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.online import OnlineStoreSettings
from igniteflow_core.config.owners import OwnerSettings
from igniteflow_core.config.platform import (
    ExecutionSettings,
    LakeSettings,
    MlflowSettings,
    PartitionSettings,
    ScheduleSettings,
    SparkSettings,
)
from igniteflow_core.config.promotion import (
    PerformanceSettings,
    PromotionSettings,
    RecommendationPerformanceSettings,
)
from igniteflow_core.config.quality import QualitySettings
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.config.serving import ServingSettings
from igniteflow_core.config.sources import SourcesSettings
from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.config.telemetry import TelemetrySettings


class Settings(SettingsGroup):
    """Every setting, validated; see ``load_settings`` for where the values come from.

    ``code_version`` is how the audit log names the code, or None for the package's version.
    ``quality`` may be null: no rules. ``pipelines`` has the settings of custom pipelines, by name.
    """

    environment: Environment
    code_version: str | None = None
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
    decisions: DecisionSettings = DecisionSettings()
    recommendations: RecommendationSettings = RecommendationSettings()
    promotion: PromotionSettings = PromotionSettings()
    performance: PerformanceSettings = PerformanceSettings()
    recommendation_performance: RecommendationPerformanceSettings = (
        RecommendationPerformanceSettings()
    )
    drift: DriftSettings = DriftSettings()
    online: OnlineStoreSettings = OnlineStoreSettings()
    serving: ServingSettings = ServingSettings()
    stream: StreamSettings = Field(default_factory=StreamSettings)
    telemetry: TelemetrySettings = TelemetrySettings()
    pipelines: dict[str, dict[str, Any]] = Field(default_factory=dict)
    experiments: tuple[ExperimentSettings, ...] = ()

    @model_validator(mode="after")
    def _maturity_where_labels_come_apart(self) -> "Settings":
        if self.fraud.maturity_days is not None and self.sources.labels is None:
            raise ValueError(
                "fraud.maturity_days is for labels that are delivered separately: set "
                "sources.labels, or remove it"
            )
        return self

    @model_validator(mode="after")
    def _entities_of_columns_that_are_there(self) -> "Settings":
        faults = entity_faults(self.fraud.entities, self.sources.own_columns)
        if faults:
            raise ValueError(f"fraud.entities: {'; '.join(faults)}")
        return self

    @field_validator("quality", mode="before")
    @classmethod
    def _no_rules(cls, quality: object) -> object:
        return {} if quality is None else quality

    @field_validator("experiments")
    @classmethod
    def _one_of_each_name(
        cls, experiments: tuple[ExperimentSettings, ...]
    ) -> tuple[ExperimentSettings, ...]:
        names = [experiment.name for experiment in experiments]
        if len(set(names)) < len(names):
            raise ValueError(f"experiments share a name: {sorted(names)}")
        return experiments
