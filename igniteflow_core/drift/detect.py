"""Which features of the newest rows no longer look like those of the reference."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.psi import (
    CountArray,
    FloatArray,
    bin_counts,
    float_values,
    is_discrete,
    population_stability_index,
    scaled_wasserstein,
)
from igniteflow_core.drift.report import DriftReport, FeatureDrift, TestName
from igniteflow_core.errors import ConfigurationError, InsufficientDataError


def detect_drift(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    features: Sequence[str],
    settings: DriftSettings,
) -> DriftReport:
    """Compare numeric features of ``current`` (rows, columns) with those of ``reference``.

    A feature has drifted where its population stability index is at least ``psi_threshold`` and
    its two-sample test, adjusted by the step-up procedure of Benjamini and Hochberg (1995), lies
    below ``alpha``. Rows of one customer are alike, so that the test alone, which takes rows for
    independent, alarms too often; the size guards it.

    The test is Kolmogorov and Smirnov's for a continuous feature without gaps, and the chi-square
    test of homogeneity on the bins of the index where the reference is discrete or a value is
    missing, as the former is made for neither. A longer frame is sampled to ``max_rows``, the same
    rows each time.

    Raises:
        InsufficientDataError: a frame has no rows.
        ConfigurationError: a feature is no numeric column of both frames, or there are none.
    """
    _require_rows(reference, current)
    _require_numeric(reference, features, frame_name="reference")
    _require_numeric(current, features, frame_name="current")
    sampled_reference = _sampled(reference, settings)
    sampled_current = _sampled(current, settings)
    pairs = [
        (float_values(sampled_reference[feature]), float_values(sampled_current[feature]))
        for feature in features
    ]
    counts = [bin_counts(*pair) for pair in pairs]
    tests = [_two_sample_test(*pair, *count) for pair, count in zip(pairs, counts, strict=True)]
    adjusted = false_discovery_control([test.p_value for test in tests], method="bh")
    drifts = []
    for feature, pair, count, test, p_adjusted in zip(
        features, pairs, counts, tests, adjusted, strict=True
    ):
        psi = population_stability_index(*count)
        drifts.append(
            FeatureDrift(
                feature=feature,
                psi=psi,
                wasserstein=scaled_wasserstein(*pair),
                test=test.name,
                statistic=test.statistic,
                p_value=test.p_value,
                p_adjusted=float(p_adjusted),
                drifted=bool(psi >= settings.psi_threshold and p_adjusted < settings.alpha),
            )
        )
    return DriftReport(
        features=tuple(drifts),
        reference_rows=len(sampled_reference),
        current_rows=len(sampled_current),
        psi_threshold=settings.psi_threshold,
        alpha=settings.alpha,
    )


class _TwoSampleTest(NamedTuple):
    name: TestName
    statistic: float
    p_value: float


def _two_sample_test(
    reference: FloatArray,
    current: FloatArray,
    reference_counts: CountArray,
    current_counts: CountArray,
) -> _TwoSampleTest:
    gaps = bool(np.isnan(reference).any() or np.isnan(current).any())
    if gaps or is_discrete(reference):
        # Yates' correction would blunt the test of a feature with two values.
        found = chi2_contingency([reference_counts, current_counts], correction=False)
        return _TwoSampleTest("chi2", float(found.statistic), float(found.pvalue))
    # The exact distribution is slow and, for samples of this size, no different.
    statistic, p_value = ks_2samp(reference, current, method="asymp")
    return _TwoSampleTest("ks", float(statistic), float(p_value))


def _sampled(frame: pd.DataFrame, settings: DriftSettings) -> pd.DataFrame:
    if len(frame) <= settings.max_rows:
        return frame
    return frame.sample(n=settings.max_rows, random_state=settings.seed)


def _require_rows(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    if reference.empty or current.empty:
        raise InsufficientDataError(
            f"Drift needs rows on both sides: the reference has {len(reference)}, "
            f"the current frame {len(current)}",
            where="drift detection",
            fix="Materialize the days of the empty frame, or choose others",
        )


def _require_numeric(frame: pd.DataFrame, features: Sequence[str], *, frame_name: str) -> None:
    unfit = [
        feature
        for feature in features
        if feature not in frame.columns or not is_numeric_dtype(frame[feature])
    ]
    if unfit or not features:
        raise ConfigurationError(
            f"Drift looks at numeric columns: {', '.join(unfit) or 'no feature'} will not do",
            where=f"{frame_name} frame with the columns {', '.join(map(str, frame.columns))}",
            fix="Name features that are numeric columns of both frames",
        )
