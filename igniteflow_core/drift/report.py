"""The results of drift detection, column by column."""

from dataclasses import asdict, dataclass, fields

import pandas as pd


@dataclass(frozen=True)
class FeatureDrift:
    """The drift of one feature, or of the score, between the reference and the current rows.

    Attributes:
        feature: name of the column.
        psi: population stability index.
        psi_limit: smallest index that counts as drift: the threshold or the column's own noise.
        wasserstein: distance in standard deviations of the reference; see ``scaled_wasserstein``.
        wasserstein_limit: smallest distance that counts as drift.
        statistic: Pearson's chi-square statistic.
        design_effect: variance of the statistic relative to that of independent rows.
        p_value: probability of a statistic this large without drift, for this column alone.
        p_adjusted: ``p_value`` corrected for the number of columns.
        drifted: whether both an effect size and the test show drift.
    """

    feature: str
    psi: float
    psi_limit: float
    wasserstein: float
    wasserstein_limit: float
    statistic: float
    design_effect: float
    p_value: float
    p_adjusted: float
    drifted: bool


@dataclass(frozen=True)
class DriftReport:
    """The drift of all columns, with the numbers of compared rows and the applied limits.

    Attributes:
        features: the columns that could be tested.
        not_warmed_up: columns with too few reference days after their lookback.
        weekdays_matched: whether the reference has all weekdays of the current rows, and so was
            weighted to their shares.
        reference_rows: number of reference rows.
        current_rows: number of current rows.
        psi_threshold: threshold of the settings; the limits of single columns may be higher.
        alpha: significance level.
    """

    features: tuple[FeatureDrift, ...]
    not_warmed_up: tuple[str, ...]
    weekdays_matched: bool
    reference_rows: int
    current_rows: int
    psi_threshold: float
    alpha: float

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The columns that have drifted, the largest PSI first."""
        return tuple(feature for feature in self.by_psi() if feature.drifted)

    @property
    def score(self) -> float:
        """The largest PSI of any column; NaN if none could be tested."""
        return max((feature.psi for feature in self.features), default=float("nan"))

    def by_psi(self) -> list[FeatureDrift]:
        """All tested columns, the largest PSI first."""
        return sorted(self.features, key=lambda feature: -feature.psi)

    def to_frame(self) -> pd.DataFrame:
        """One row per tested column, with the attributes of ``FeatureDrift`` as columns."""
        names = [field.name for field in fields(FeatureDrift)]
        return pd.DataFrame([asdict(feature) for feature in self.features], columns=names)

    def summary(self) -> str:
        """The result in one to three sentences."""
        text = (
            f"{len(self.drifted)} of {len(self.features)} columns drifted "
            f"({self.current_rows:,} rows against {self.reference_rows:,}; adjusted p below "
            f"{self.alpha:g}, and PSI or distance at the column's limit)."
        )
        if self.not_warmed_up:
            text += f" Too few reference days to test: {', '.join(self.not_warmed_up)}."
        if not self.weekdays_matched:
            text += " The reference lacks a weekday, so it was not weighted by weekday."
        return text

    def to_markdown(self) -> str:
        """The summary, and a table with a line per tested column, the largest PSI first."""
        lines = [
            self.summary(),
            "",
            "| feature | drifted | PSI | limit | distance / deviation | limit | p adjusted |",
            "|---|---|---:|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {feature.feature} | {'YES' if feature.drifted else 'no'} | {feature.psi:.4f} | "
            f"{feature.psi_limit:.2f} | {feature.wasserstein:.4f} | "
            f"{feature.wasserstein_limit:.2f} | {feature.p_adjusted:.3g} |"
            for feature in self.by_psi()
        ]
        return "\n".join(lines)
