"""Search for better settings of a model's members, under a budget of time and trials."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import optuna

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.search import SearchSettings

S = TypeVar("S", bound=SettingsGroup)


@dataclass(frozen=True)
class Range:
    """The values that are tried of one setting, both ends among them.

    Attributes:
        low: the least.
        high: the greatest.
        whole: integers only.
        log: as many values are tried from 1 to 10 as from 10 to 100.
    """

    low: float
    high: float
    whole: bool = False
    log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """The value that the trial is to try."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


@dataclass(frozen=True)
class Trial:
    """One set of settings, ``member.setting`` by value, and what it gave on validation."""

    number: int
    parameters: Mapping[str, float]
    score: float


@dataclass(frozen=True)
class SearchResult:
    """Every trial in order, the first of which are the settings before, and the best of them."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The trial of the highest score, the first one among equals."""
        return max(self.trials, key=lambda trial: trial.score)


def search(
    settings: S,
    ranges: Mapping[str, Range],
    measure: Callable[[S], float],
    budget: SearchSettings,
    seed: int,
    on_trial: Callable[[Trial], None],
) -> SearchResult:
    """The best settings that the budget finds.

    Tree-structured Parzen estimator (Bergstra et al., 2011) by Optuna (Akiba et al., 2019), seeded.
    The first trial is the settings as they are, so the result is never worse than those by the
    measure. A setting that is None is switched off, and stays so.

    Args:
        settings: to start from.
        ranges: by ``member.setting``.
        measure: the score of settings; the higher the better.
        budget: trials and seconds.
        seed: of the search.
        on_trial: called with each trial when it is done.
    """
    current = {name: value for name in ranges if (value := _value(settings, name)) is not None}

    def objective(trial: optuna.Trial) -> float:
        found = {name: ranges[name].suggest(trial, name) for name in current}
        return measure(with_found(settings, found))

    trials: list[Trial] = []
    begin = time.monotonic()

    def report(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        trials.append(Trial(trial.number, trial.params, float(trial.values[0])))
        on_trial(trials[-1])
        # Optuna's own limit can end a study before its first trial.
        if time.monotonic() - begin >= budget.seconds:
            study.stop()

    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial(current)
    study.optimize(objective, n_trials=budget.trials, callbacks=[report])
    return SearchResult(tuple(trials))


def with_found(settings: S, found: Mapping[str, float]) -> S:
    """The settings with values of members by ``member.setting``.

    A setting that is None is switched off, and stays so.

    Raises:
        ValidationError: of pydantic; a name or value is not one of the settings'.
    """
    changed = settings.model_dump()
    for name, value in found.items():
        member, setting = name.split(".")
        if changed[member].get(setting, value) is not None:
            changed[member][setting] = value
    return type(settings).model_validate(changed)


def _value(settings: SettingsGroup, name: str) -> float | None:
    member, setting = name.split(".")
    value: float | None = getattr(getattr(settings, member), setting)
    return value
