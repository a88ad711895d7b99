"""Settings of A/B tests: participants, metrics, guardrails and stopping rules."""

import math
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from igniteflow_core.config.base import SettingsGroup

Goal = Literal["increase", "decrease"]


class MetricSettings(SettingsGroup):
    """An outcome metric: its name in outcome events, and the direction of an improvement."""

    name: str
    goal: Goal = "increase"


class GuardrailSettings(MetricSettings):
    """A metric that must not get worse by more than ``margin``, a share of the control's mean.

    ``margin`` should be above 0: the absence of any deterioration can hardly ever be shown.
    """

    margin: float = Field(default=0.02, ge=0, lt=1)


class ExperimentSettings(SettingsGroup):
    """One experiment; changing ``name`` or ``variants`` assigns every user again.

    ``percentage`` of the users in ``segments`` (of all users if it is empty) take part; raising it
    adds users and reassigns none. ``variants`` maps each variant to its share of them. A user
    counts once ``outcome_days`` have passed since the first exposure, with the outcomes of those
    days. ``effect_scale`` is the size of effect, in standard deviations of the metric, at which the
    always-valid interval is tightest: fix it before the start. No decision is made before every
    variant has ``min_users``, and none is waited for once all of them have ``max_users``.
    """

    name: str = Field(min_length=1)
    percentage: float = Field(default=100.0, gt=0, le=100)
    segments: tuple[str, ...] = ()
    variants: dict[str, float] = Field(
        default_factory=lambda: {"control": 0.5, "treatment": 0.5}, min_length=2
    )
    control: str = "control"
    primary: MetricSettings
    guardrails: tuple[GuardrailSettings, ...] = ()
    start: AwareDatetime
    end: AwareDatetime | None = None
    outcome_days: int = Field(default=7, ge=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    effect_scale: float = Field(default=0.1, gt=0)
    min_users: int = Field(default=100, ge=30)
    max_users: int | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "ExperimentSettings":
        if not math.isclose(sum(self.variants.values()), 1.0, abs_tol=1e-9):
            raise ValueError(f"the shares of the variants add up to {sum(self.variants.values())}")
        if min(self.variants.values()) <= 0:
            raise ValueError("every variant needs a share above 0")
        if self.control not in self.variants:
            raise ValueError(f"control {self.control!r} is not one of {sorted(self.variants)}")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        if len(set(self.metric_names)) < len(self.metric_names):
            raise ValueError("a metric is named twice")
        return self

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The primary metric, then the guardrails."""
        return (self.primary.name, *(guardrail.name for guardrail in self.guardrails))

    @property
    def treatments(self) -> tuple[str, ...]:
        """The variants except control, in the order of the settings."""
        return tuple(name for name in self.variants if name != self.control)
