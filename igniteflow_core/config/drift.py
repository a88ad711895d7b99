"""Settings of drift detection."""

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup


class DriftSettings(SettingsGroup):
    """Drift of the newest days against the days of the champion's training.

    A column has drifted when its population stability index is at least ``psi_threshold`` or its
    Wasserstein distance at least ``wasserstein_threshold`` standard deviations, that effect exceeds
    the ``calibration_level`` quantile of the column's own noise, and a two-sample test, corrected
    for clustered rows and for the number of columns, is significant at ``alpha``. A column is
    tested if its lookback covers ``min_reference_days``. Longer windows are sampled to about
    ``max_rows`` rows. After a retraining that drift triggered, the next one waits for
    ``cooldown_days`` of data.
    """

    current_days: int = Field(default=7, ge=1)
    min_reference_days: int = Field(default=7, ge=2)
    psi_threshold: float = Field(default=0.1, gt=0)
    wasserstein_threshold: float = Field(default=0.1, gt=0)
    calibration_level: float = Field(default=0.99, gt=0, lt=1)
    alpha: float = Field(default=0.01, gt=0, lt=1)
    max_rows: int = Field(default=50_000, ge=100)
    cooldown_days: int = Field(default=7, ge=0)
    seed: int = 7
