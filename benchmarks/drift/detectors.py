"""IgniteFlow's drift detection and its peers, each as a test for drift in a set of rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType
from scipy.stats import ks_2samp

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.drift.detect import CalibratedReference, calibrate, detect_drift
from igniteflow_core.drift.report import FeatureDrift

OURS = "IgniteFlow"
OURS_UNCALIBRATED = "IgniteFlow, not calibrated"
KS = "KS per feature, p < 0.05"
EVIDENTLY_ANY = "Evidently's default test, any column"
EVIDENTLY_SHARE = "Evidently's default, half the columns"
DETECTORS = (OURS, OURS_UNCALIBRATED, KS, EVIDENTLY_ANY, EVIDENTLY_SHARE)

Drifted = Mapping[str, frozenset[str]]
"""The features that each detector reports, for detectors that report any."""

_KS_ALPHA = 0.05
_SHARE = 0.5


@dataclass(frozen=True)
class Reference:
    """A reference that all detectors share."""

    calibrated: CalibratedReference
    settings: DriftSettings
    share: float

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        columns: tuple[WatchedColumn, ...],
        settings: DriftSettings,
        *,
        data_from: date,
    ) -> "Reference":
        """Calibrate on at most ``max_rows`` rows, and use the same share of current rows."""
        share = min(1.0, settings.max_rows / len(rows))
        sample = rows.sample(frac=share, random_state=settings.seed)
        return cls(calibrate(sample, columns, settings, data_from=data_from), settings, share)

    def alarms(self, rows: pd.DataFrame) -> Drifted:
        """Return the features that each detector reports for the rows."""
        current = self._sampled(rows)
        report = detect_drift(self.calibrated, current, self.settings)
        names = [drift.feature for drift in report.features]
        evidently = [name for name in names if self._evidently(current, name)]
        reported = {
            OURS: [drift.feature for drift in report.drifted],
            OURS_UNCALIBRATED: [
                drift.feature
                for drift in report.features
                if self._sizable(drift) and drift.p_adjusted < self.settings.alpha
            ],
            KS: [name for name in names if self._ks(current, name)],
            EVIDENTLY_ANY: evidently,
            EVIDENTLY_SHARE: evidently if len(evidently) >= _SHARE * len(names) else [],
        }
        return {name: frozenset(features) for name, features in reported.items() if features}

    def found_by(self, rows: pd.DataFrame, feature: str) -> frozenset[str]:
        """Return the detectors that report drift of this feature.

        The Bonferroni correction, which is stricter than Benjamini and Hochberg's, approximates
        IgniteFlow's correction over all features.
        """
        current = self._sampled(rows)
        (column,) = (column for column in self.calibrated.columns if column.name == feature)
        alone = replace(
            self.calibrated,
            columns=(column,),
            limits={feature: self.calibrated.limits[feature]},
        )
        alpha = self.settings.alpha / len(self.calibrated.limits)
        strict = self.settings.model_copy(update={"alpha": alpha})
        (drift,) = detect_drift(alone, current, strict).features
        reports = {
            OURS: drift.drifted,
            OURS_UNCALIBRATED: self._sizable(drift) and drift.p_value < alpha,
            KS: self._ks(current, feature),
            EVIDENTLY_ANY: self._evidently(current, feature),
        }
        return frozenset(name for name, is_reported in reports.items() if is_reported)

    def _sizable(self, drift: FeatureDrift) -> bool:
        return (
            drift.psi >= self.settings.psi_threshold
            or drift.wasserstein >= self.settings.wasserstein_threshold
        )

    def _ks(self, current: pd.DataFrame, name: str) -> bool:
        before = self.calibrated.frame[name]
        return bool(ks_2samp(before, current[name], method="asymp").pvalue < _KS_ALPHA)

    def _evidently(self, current: pd.DataFrame, name: str) -> bool:
        # The test that Evidently chooses for the column, without Evidently's report.
        pair, kind = (self.calibrated.frame[name], current[name]), ColumnType.Numerical
        return bool(get_stattest(*pair, kind, None)(*pair, kind, threshold=None).drifted)

    def _sampled(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.sample(frac=self.share, random_state=self.settings.seed)
