"""Search for better settings of the members, under a budget of time and trials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import optuna
import pandas as pd

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.features.declared import feature_names
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.fraud.own_choice import gains_of_own_columns, helpful
from igniteflow_core.fraud.training import rows_of
from igniteflow_core.fraud.windows import FraudWindows
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns


@dataclass(frozen=True)
class Trial:
    """One set of settings, ``member.setting`` by value, and what it gave on validation."""

    number: int
    parameters: Mapping[str, float]
    average_precision: float


@dataclass(frozen=True)
class SearchResult:
    """Every trial in order, the first of which are the settings before, and the best of them."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The trial of the highest average precision, the first one among equals."""
        return max(self.trials, key=lambda trial: trial.average_precision)


def search_settings(
    frame: pd.DataFrame,
    windows: FraudWindows,
    settings: FraudSettings,
    on_trial: Callable[[Trial], None],
    own: OwnColumns = NO_OWN_COLUMNS,
) -> SearchResult:
    """The best settings of random forest and XGBoost that the budget finds.

    The number of XGBoost's trees is not searched: early stopping finds it in each trial.

    Tree-structured Parzen estimator (Bergstra et al., 2011) by Optuna (Akiba et al., 2019), seeded.
    The first trial is the settings as they are, so the result is never worse than those on the
    validation window. A trial trains on ``windows.train`` alone: no test row takes part.

    Args:
        frame: as FRAUD_TRAINING_SET.
        windows: of which train and validation are used.
        settings: to start from, with the budget.
        on_trial: told each trial when it is done.
        own: the declared columns.

    Raises:
        InsufficientDataError: a window holds only one class.
    """
    train, validation = rows_of(frame, windows.train), rows_of(frame, windows.validation)
    taken = helpful(own, gains_of_own_columns(train, validation, settings, own))
    fitted = fit_inputs(train, taken, feature_names(settings.entities))

    def objective(trial: optuna.Trial) -> float:
        candidate = with_members(settings, _suggest(trial))
        ensemble = fit_ensemble(
            fitted.matrix,
            train["is_fraud"],
            validation,
            validation["is_fraud"],
            validation["event_date"],
            candidate,
            fitted.inputs,
        )
        scores = ensemble.predict_proba(validation)
        return average_precision(scores, validation["is_fraud"].to_numpy())

    trials: list[Trial] = []

    def report(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        trials.append(Trial(trial.number, trial.params, float(trial.values[0])))
        on_trial(trials[-1])

    sampler = optuna.samplers.TPESampler(seed=settings.seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial(_current(settings))
    study.optimize(
        objective,
        n_trials=settings.search.trials,
        timeout=settings.search.seconds,
        callbacks=[report],
    )
    return SearchResult(tuple(trials))


def with_members(settings: FraudSettings, found: Mapping[str, float]) -> FraudSettings:
    """The settings with values of members by ``member.setting``.

    Raises:
        ValidationError: of pydantic; a name or value is not one of the settings'.
    """
    changed = settings.model_dump()
    for name, value in found.items():
        member, setting = name.split(".")
        changed[member][setting] = value
    return FraudSettings.model_validate(changed)


def _suggest(trial: optuna.Trial) -> dict[str, Any]:
    return {
        "xgboost.max_depth": trial.suggest_int("xgboost.max_depth", 3, 8),
        "xgboost.learning_rate": trial.suggest_float("xgboost.learning_rate", 0.02, 0.3, log=True),
        "xgboost.min_child_weight": trial.suggest_float(
            "xgboost.min_child_weight", 0.5, 20, log=True
        ),
        "xgboost.subsample": trial.suggest_float("xgboost.subsample", 0.5, 1),
        "xgboost.colsample_bytree": trial.suggest_float("xgboost.colsample_bytree", 0.2, 1),
        "random_forest.min_samples_leaf": trial.suggest_int(
            "random_forest.min_samples_leaf", 1, 10
        ),
        "random_forest.negatives_per_fraud": trial.suggest_int(
            "random_forest.negatives_per_fraud", 10, 100, log=True
        ),
    }


def _current(settings: FraudSettings) -> dict[str, Any]:
    boosted, forest = settings.xgboost, settings.random_forest
    return {
        "xgboost.max_depth": boosted.max_depth,
        "xgboost.learning_rate": boosted.learning_rate,
        "xgboost.min_child_weight": boosted.min_child_weight,
        "xgboost.subsample": boosted.subsample,
        "xgboost.colsample_bytree": boosted.colsample_bytree,
        "random_forest.min_samples_leaf": forest.min_samples_leaf,
        "random_forest.negatives_per_fraud": forest.negatives_per_fraud,
    }
