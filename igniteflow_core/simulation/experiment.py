"""A simulated A/B test: a better ranking, which increases orders and does not slow pages down."""

from datetime import UTC, datetime, time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.config.experiments import ExperimentSettings, GuardrailSettings, MetricSettings
from igniteflow_core.experiments.assignment import assign
from igniteflow_core.simulation.ids import numbered_ids
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

ORDERS_OF_CONTROL = 1.0
ORDERS_OF_TREATMENT = 1.4
DAYS_OF_ORDERS = 8.0
PAGE_SECONDS = 0.8
LATEST_EXPOSURE = 0.6


def simulated_experiment(settings: SimulationSettings) -> ExperimentSettings:
    """The definition that the simulated exposures follow."""
    return ExperimentSettings(
        name="new_ranking",
        primary=MetricSettings(name="orders"),
        guardrails=(GuardrailSettings(name="page_seconds", goal="decrease", margin=0.1),),
        start=datetime.combine(settings.start_date, time(), UTC),
        outcome_days=5,
        min_users=50,
    )


def draw_experiment(
    settings: SimulationSettings, user_ids: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The columns of EXPOSURES and of OUTCOMES, sorted by time.

    Every user is exposed on some day of the first part of the simulated days, half of them twice.
    Users also order before their exposure, which an analysis must leave out.
    """
    rng = generator(settings.seed, "experiment")
    experiment = simulated_experiment(settings)
    variants = np.array([assign(experiment, user_id) for user_id in user_ids], dtype=object)
    users = np.arange(len(user_ids))
    exposed = rng.uniform(0, LATEST_EXPOSURE * settings.days, len(users))
    again = users[rng.random(len(users)) < 0.5]
    exposures = pd.DataFrame(
        {
            "experiment": experiment.name,
            "variant": np.concatenate([variants, variants[again]]),
            "user_id": np.array(user_ids, dtype=object)[np.concatenate([users, again])],
            "event_time": _times(
                settings, np.concatenate([exposed, exposed[again] + rng.exponential(1, len(again))])
            ),
        }
    )
    rate = np.where(variants == experiment.control, ORDERS_OF_CONTROL, ORDERS_OF_TREATMENT)
    after = np.repeat(users, rng.poisson(rate))
    before = np.repeat(users, rng.poisson(ORDERS_OF_CONTROL, len(users)))
    who = np.concatenate([after, before, users])
    delay = np.concatenate(
        [
            rng.uniform(0, DAYS_OF_ORDERS, len(after)),
            -rng.uniform(0, DAYS_OF_ORDERS, len(before)),
            np.zeros(len(users)),
        ]
    )
    orders = len(after) + len(before)
    outcomes = pd.DataFrame(
        {
            "event_id": numbered_ids("O", np.arange(len(who))),
            "user_id": np.array(user_ids, dtype=object)[who],
            "metric": np.repeat(["orders", "page_seconds"], [orders, len(users)]),
            "value": np.concatenate(
                [np.ones(orders), PAGE_SECONDS * rng.lognormal(0, 0.3, len(users))]
            ),
            "event_time": _times(settings, exposed[who] + delay),
        }
    )
    return (
        exposures.sort_values("event_time", kind="stable", ignore_index=True),
        outcomes.sort_values("event_time", kind="stable", ignore_index=True),
    )


def _times(settings: SimulationSettings, days: NDArray[np.float64]) -> pd.DatetimeIndex:
    seconds = np.floor(days * 24 * 3600).astype("timedelta64[s]")
    start = np.datetime64(settings.start_date, "us")
    return pd.DatetimeIndex(start + seconds).tz_localize("UTC")
