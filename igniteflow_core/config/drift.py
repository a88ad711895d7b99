"""Settings of drift detection."""

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup


class DriftSettings(SettingsGroup):
    """Feature drift of the newest days against the days the champion was trained on.

    A feature has drifted when its population stability index is at least ``psi_threshold`` and a
    two-sample test, corrected for the number of features, is significant at ``alpha``.
    Longer frames are sampled to ``max_rows`` by ``seed``.
    """

    current_days: int = Field(default=7, ge=1)
    psi_threshold: float = Field(default=0.1, gt=0)
    alpha: float = Field(default=0.01, gt=0, lt=1)
    max_rows: int = Field(default=50_000, ge=100)
    seed: int = 7
