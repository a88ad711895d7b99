"""A small world of transactions in which fraud can be learnt, and an ensemble fitted on it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.fraud.comparison import ModelComparison, compare_models
from igniteflow_core.fraud.ensemble import FraudEnsemble, fit_ensemble
from igniteflow_core.fraud.evaluation import LabelledTransactions


@dataclass(frozen=True)
class Window:
    X: pd.DataFrame
    transactions: LabelledTransactions

    @property
    def y(self):
        return self.transactions.labels


def make_window(rows: int, seed: int) -> Window:
    random = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "amount": random.lognormal(3.5, 0.8, rows),
            "risk": random.beta(1, 20, rows),
            "count": random.poisson(4, rows).astype(float),
            "noise": random.normal(size=rows),
        }
    )
    log_odds = -9 + 25 * X["risk"] + 0.03 * X["amount"] + 0.3 * X["count"]
    labels = (random.random(rows) < expit(log_odds.to_numpy())).astype(np.int8)
    return Window(
        X,
        LabelledTransactions(
            labels=labels,
            amounts=X["amount"].to_numpy(),
            days=np.sort(random.integers(0, 7, rows)),
            customers=random.integers(0, rows // 10, rows).astype(str),
        ),
    )


@pytest.fixture(scope="session")
def settings() -> FraudSettings:
    return FraudSettings(
        isolation_forest=IsolationForestSettings(n_estimators=20, max_samples=256),
        random_forest=RandomForestSettings(n_estimators=20, negatives_per_fraud=10),
        xgboost=XGBoostSettings(n_estimators=20, max_bin=256),
    )


@pytest.fixture(scope="session")
def train() -> Window:
    return make_window(4_000, seed=1)


@pytest.fixture(scope="session")
def validation() -> Window:
    return make_window(4_000, seed=2)


@pytest.fixture(scope="session")
def test_window() -> Window:
    return make_window(10_000, seed=3)


@pytest.fixture(scope="session")
def ensemble(train, validation, settings) -> FraudEnsemble:
    return fit_ensemble(
        train.X, train.y, validation.X, validation.y, validation.transactions.days, settings
    )


@pytest.fixture(scope="session")
def comparison(ensemble, train, test_window, settings) -> ModelComparison:
    return compare_models(
        ensemble.with_threshold(0.2),
        train_X=train.X,
        train_y=train.y,
        test_X=test_window.X,
        test=test_window.transactions,
        settings=settings,
    )
