"""What drift detection found, feature by feature."""

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

TestName = Literal["ks", "chi2"]
"""Kolmogorov-Smirnov, or chi-square."""


@dataclass(frozen=True)
class FeatureDrift:
    """The movement of one feature between the reference and the current rows.

    Attributes:
        feature: name of the feature.
        psi: population stability index.
        wasserstein: distance in standard deviations of the reference; see ``scaled_wasserstein``.
        test: the two-sample test that was made.
        statistic: statistic of that test.
        p_value: probability of so large a statistic without drift, for this feature alone.
        p_adjusted: ``p_value`` corrected for the number of features.
        drifted: whether size and test agree that the feature has moved.
    """

    feature: str
    psi: float
    wasserstein: float
    test: TestName
    statistic: float
    p_value: float
    p_adjusted: float
    drifted: bool


@dataclass(frozen=True)
class DriftReport:
    """The movement of all features, with the rows that were compared and the limits applied."""

    features: tuple[FeatureDrift, ...]
    reference_rows: int
    current_rows: int
    psi_threshold: float
    alpha: float

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The features that have drifted, the largest PSI first."""
        return tuple(feature for feature in self.by_psi() if feature.drifted)

    @property
    def score(self) -> float:
        """The largest PSI of any feature."""
        return max(feature.psi for feature in self.features)

    def by_psi(self) -> list[FeatureDrift]:
        """All features, the largest PSI first."""
        return sorted(self.features, key=lambda feature: -feature.psi)

    def to_frame(self) -> pd.DataFrame:
        """One row a feature, with the attributes of ``FeatureDrift`` as columns."""
        return pd.DataFrame([asdict(feature) for feature in self.features])

    def to_markdown(self) -> str:
        """A summary and a table with a line per feature, the largest PSI first."""
        lines = [
            f"{len(self.drifted)} of {len(self.features)} features drifted "
            f"(PSI at least {self.psi_threshold:g} and adjusted p below {self.alpha:g}; "
            f"{self.current_rows:,} rows against {self.reference_rows:,}).",
            "",
            "| feature | drifted | PSI | distance / deviation | test | p adjusted |",
            "|---|---|---:|---:|---|---:|",
        ]
        lines += [
            f"| {feature.feature} | {'YES' if feature.drifted else 'no'} | {feature.psi:.4f} | "
            f"{feature.wasserstein:.4f} | {feature.test} | {feature.p_adjusted:.3g} |"
            for feature in self.by_psi()
        ]
        return "\n".join(lines)
