"""The members of the ensemble: fitting and scoring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, Self

import numpy as np
import treelite
import treelite.sklearn
import xgboost
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.ensemble import IsolationForest, RandomForestClassifier

from igniteflow_core.config.fraud import FraudSettings, XGBoostSettings
from igniteflow_core.fraud.matrix import Floats, Labels, Matrix

MemberName = Literal["isolation_forest", "random_forest", "xgboost"]
MEMBER_NAMES: Final[tuple[MemberName, ...]] = ("isolation_forest", "random_forest", "xgboost")

EARLY_STOPPING_METRIC: Final = "aucpr"
"""XGBoost's name of average precision, the metric for early stopping."""

# Starting threads costs more than they gain on the few rows of a request.
_ROWS_WORTH_THREADS = 2_000


class Member(Protocol):
    """A fitted model that scores rows."""

    def scores(self, X: Matrix) -> Floats:
        """A score in [0, 1] for each row of X, shape (n,); higher is more suspicious."""

    def to_bytes(self) -> bytes:
        """The model in a form that is read without pickle and predicts exactly the same."""

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The model that ``to_bytes`` wrote."""


@dataclass(frozen=True)
class ForestMember:
    """A forest of scikit-learn in treelite's form, which is stored without pickle.

    A random forest gives the probability of fraud, an isolation forest its anomaly score
    2^(-depth / c) of Liu et al. (2008), which is minus scikit-learn's ``score_samples``.
    """

    forest: treelite.Model

    def scores(self, X: Matrix) -> Floats:
        """See ``Member``; the last output is that of the fraud class."""
        threads = 1 if len(X) < _ROWS_WORTH_THREADS else -1
        output = treelite.gtil.predict(self.forest, X, nthread=threads)
        return np.asarray(output[:, 0, -1], dtype=np.float64)

    def to_bytes(self) -> bytes:
        """See ``Member``: treelite's binary form."""
        return bytes(self.forest.serialize_bytes())

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """See ``Member``."""
        return cls(treelite.Model.deserialize_bytes(content))

    def __reduce__(self) -> tuple[Callable[[bytes], Self], tuple[bytes]]:
        # Spark sends a fitted ensemble to its own workers; treelite's handle cannot be copied.
        return self.from_bytes, (self.to_bytes(),)


@dataclass(frozen=True)
class BoosterMember:
    """Gradient-boosted trees of XGBoost (Chen and Guestrin, 2016)."""

    booster: xgboost.Booster

    @property
    def trees(self) -> int:
        """The number of trees."""
        return int(self.booster.num_boosted_rounds())

    def scores(self, X: Matrix) -> Floats:
        """See ``Member``; the float64 sigmoid of the margin avoids ties of float32."""
        margin = self.booster.inplace_predict(X, predict_type="margin")
        return np.asarray(expit(margin.astype(np.float64)))

    def to_bytes(self) -> bytes:
        """See ``Member``: XGBoost's Universal Binary JSON."""
        return bytes(self.booster.save_raw("ubj"))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """See ``Member``."""
        booster = xgboost.Booster()
        booster.load_model(bytearray(content))
        return cls(_single_threaded(booster))

    def __reduce__(self) -> tuple[Callable[[bytes], Self], tuple[bytes]]:
        return self.from_bytes, (self.to_bytes(),)


MEMBER_TYPES: Final[Mapping[MemberName, type[Member]]] = {
    "isolation_forest": ForestMember,
    "random_forest": ForestMember,
    "xgboost": BoosterMember,
}


@dataclass(frozen=True)
class LabelledMatrix:
    """Rows with labels.

    Attributes:
        X: features, shape (n, features).
        y: labels 0 or 1, both present, shape (n,).
    """

    X: Matrix
    y: Labels


def fit_members(
    rows: LabelledMatrix, settings: FraudSettings, validation: LabelledMatrix | None = None
) -> Mapping[MemberName, Member]:
    """Fit all members on the same rows.

    Args:
        rows: training rows; the isolation forest does not use their labels.
        settings: settings of the members, and the seed.
        validation: see ``fit_xgboost``.
    """
    return {
        "isolation_forest": fit_isolation_forest(rows.X, settings),
        "random_forest": fit_random_forest(rows.X, rows.y, settings),
        "xgboost": fit_xgboost(rows, settings, validation),
    }


def fit_isolation_forest(X: Matrix, settings: FraudSettings) -> Member:
    """Fit the isolation forest on all rows, without labels."""
    chosen = settings.isolation_forest
    forest = IsolationForest(
        n_estimators=chosen.n_estimators,
        max_samples=min(chosen.max_samples, len(X)),
        random_state=settings.seed,
        n_jobs=-1,
    ).fit(X)
    return ForestMember(treelite.sklearn.import_model(forest))


def fit_random_forest(X: Matrix, y: Labels, settings: FraudSettings) -> Member:
    """Fit the random forest on undersampled rows, see ``undersampled_rows``."""
    chosen = settings.random_forest
    rows = undersampled_rows(y, chosen.negatives_per_fraud, settings.seed)
    forest = RandomForestClassifier(
        n_estimators=chosen.n_estimators,
        max_depth=chosen.max_depth,
        min_samples_leaf=chosen.min_samples_leaf,
        max_features=chosen.max_features,
        random_state=settings.seed,
        n_jobs=-1,
    ).fit(X[rows], y[rows])
    return ForestMember(treelite.sklearn.import_model(forest))


def undersampled_rows(y: Labels, negatives_per_fraud: int, seed: int) -> NDArray[np.intp]:
    """The positions of all frauds and of a random sample of the other rows, ascending.

    Undersampling shifts the probabilities, which calibration on the full validation rows corrects,
    and hardly changes the ranking (Dal Pozzolo et al., 2015, "Calibrating probability with
    undersampling for unbalanced classification").

    Args:
        y: 0 or 1, shape (n,).
        negatives_per_fraud: number of other rows that are kept per fraud; all if there are fewer.
        seed: seed of the sample.
    """
    frauds, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    kept = min(len(others), negatives_per_fraud * len(frauds))
    drawn = np.random.default_rng(seed).choice(others, kept, replace=False)
    return np.sort(np.concatenate((frauds, drawn)))


def fit_xgboost(
    rows: LabelledMatrix, settings: FraudSettings, validation: LabelledMatrix | None = None
) -> BoosterMember:
    """Fit XGBoost on all rows.

    Args:
        rows: training rows.
        settings: settings of XGBoost, and the seed.
        validation: later rows. Boosting stops when the average precision on them no longer rises,
            and the member keeps the trees up to the best one. Without them it grows
            ``n_estimators`` trees.
    """
    chosen = settings.xgboost
    parameters = xgboost_parameters(chosen) | {
        "objective": "binary:logistic",
        "seed": settings.seed,
        "eval_metric": EARLY_STOPPING_METRIC,
    }
    train = xgboost.QuantileDMatrix(rows.X, rows.y, max_bin=chosen.max_bin)
    if validation is None:
        booster = xgboost.train(parameters, train, num_boost_round=chosen.n_estimators)
    else:
        held_out = xgboost.QuantileDMatrix(
            validation.X, validation.y, ref=train, max_bin=chosen.max_bin
        )
        stopping = xgboost.callback.EarlyStopping(
            rounds=chosen.early_stopping_rounds, maximize=True, save_best=True
        )
        booster = xgboost.train(
            parameters,
            train,
            num_boost_round=chosen.n_estimators,
            evals=[(held_out, "validation")],
            callbacks=[stopping],
            verbose_eval=False,
        )
    return BoosterMember(_single_threaded(booster))


def xgboost_parameters(chosen: XGBoostSettings) -> dict[str, Any]:
    """The tree parameters, by XGBoost's names."""
    return {
        "tree_method": "hist",
        "base_score": 0.5,
        "max_bin": chosen.max_bin,
        "max_depth": chosen.max_depth,
        "learning_rate": chosen.learning_rate,
        "min_child_weight": chosen.min_child_weight,
        "subsample": chosen.subsample,
        "colsample_bytree": chosen.colsample_bytree,
        "scale_pos_weight": chosen.scale_pos_weight,
    }


def _single_threaded(booster: xgboost.Booster) -> xgboost.Booster:
    """The booster, set to predict on the calling thread: fastest for a request's few rows."""
    booster.set_param({"nthread": 1})
    return booster
