"""Analyses an experiment from its tables."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.experiments.outcomes import exposed_users, sums_by_day
from igniteflow_core.experiments.report import look_table, report_table
from igniteflow_core.experiments.sample_ratio import sample_ratio_p_value
from igniteflow_core.experiments.watermark import outcomes_until


@dataclass(frozen=True)
class ExperimentAnalysis:
    """The results of an experiment.

    Attributes:
        report: the rows of EXPERIMENT_REPORT.
        looks: for each treatment the primary metric after each day, from ``look_table``.
        users: exposed users of each variant, whether their outcomes are complete or not.
        of_several_variants: users excluded because they were exposed to several variants, or to an
            unknown one.
        outcomes_until: time up to which outcomes are known, in UTC; None if there are none.
        waiting: exposed users whose outcomes are not complete by then.
    """

    report: pd.DataFrame
    looks: dict[str, pd.DataFrame]
    users: dict[str, int]
    of_several_variants: int
    outcomes_until: datetime | None
    waiting: int


def analyse(
    exposures: DataFrame, outcomes: DataFrame, experiment: ExperimentSettings, now: datetime
) -> ExperimentAnalysis:
    """Analyse an experiment as far as its outcomes reach (``watermark.outcomes_until``).

    Args:
        exposures: the EXPOSURES table.
        outcomes: the OUTCOMES table.
        experiment: the definition.
        now: current time with its zone; later events are ignored in both tables.
    """
    shown = exposures.where(F.col("event_time") <= F.lit(now))
    users = exposed_users(shown, experiment).persist()
    counted = {
        row["variant"]: int(row["count"]) for row in users.groupBy("variant").count().collect()
    }
    excluded = counted.pop(None, 0)
    until = outcomes_until(outcomes, experiment, now)
    # At the start no user's outcomes are complete.
    sums = sums_by_day(users, outcomes, experiment, until or experiment.start)
    users.unpersist()
    complete = sums[sums["metric"] == experiment.primary.name]["users"].sum()
    waiting = sum(counted.values()) - int(complete)
    p_value = sample_ratio_p_value(counted, experiment.variants)
    report = report_table(experiment, sums, p_value)
    return ExperimentAnalysis(
        report=report.assign(outcomes_until=until, waiting_users=waiting),
        looks={name: look_table(experiment, sums, name) for name in experiment.treatments},
        users={name: counted.get(name, 0) for name in experiment.variants},
        of_several_variants=excluded,
        outcomes_until=until,
        waiting=waiting,
    )
