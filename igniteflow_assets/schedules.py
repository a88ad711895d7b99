"""What starts by the clock, in UTC, and for what reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from igniteflow_assets.jobs import (
    audit_job,
    daily_job,
    decision_policy_job,
    experiment_job,
    fraud_review_job,
    fraud_training_job,
    logs_job,
    maintenance_job,
    recommendation_daily_job,
    recommendation_review_job,
    recommendation_training_job,
    stream_job,
)
from igniteflow_assets.running import schedule_status
from igniteflow_core.config.load import load_settings

_settings = load_settings().schedules


@dataclass(frozen=True)
class Rhythm:
    """A job that starts by the clock.

    Attributes:
        job: of assets; Dagster has no public type for it.
        cron: minute, hour, day of the month, month, day of the week.
        reason: for which it starts then.
        is_due: whether there is anything to do, where that depends on the settings.
    """

    job: Any
    cron: str
    reason: str
    is_due: Callable[[dg.ScheduleEvaluationContext], bool] | None = None

    @property
    def name(self) -> str:
        """That of the schedule."""
        return f"{self.job.name.removesuffix('_job')}_schedule"

    def schedule(self) -> Any:  # noqa: ANN401 - Dagster's class of daily jobs has no public name
        """As Dagster has it; that of a job with a partition a day starts the day before."""
        status = schedule_status(self.name)
        if self.job is daily_job:
            return dg.build_schedule_from_partitioned_job(
                self.job,
                name=self.name,
                hour_of_day=_settings.daily_hour,
                description=self.reason,
                default_status=status,
            )
        return dg.ScheduleDefinition(
            name=self.name,
            job=self.job,
            cron_schedule=self.cron,
            description=self.reason,
            should_execute=self.is_due,
            default_status=status,
        )


def _has_stream(_: dg.ScheduleEvaluationContext) -> bool:
    return load_settings().stream.brokers is not None


rhythms: Sequence[Rhythm] = (
    Rhythm(
        daily_job,
        f"0 {_settings.daily_hour} * * *",
        "The day before, once it is over and delivered",
    ),
    Rhythm(
        fraud_training_job,
        _settings.fraud_training_cron,
        "New labels teach even where nothing drifts; beside the training that drift starts",
    ),
    Rhythm(
        decision_policy_job,
        _settings.decision_policy_cron,
        "A changed policy decides once its backtest on the newest days allows it",
    ),
    Rhythm(
        recommendation_daily_job,
        _settings.recommendation_cron,
        "Each day's likes change what is recommended, and new users need a list",
    ),
    Rhythm(
        recommendation_training_job,
        _settings.recommendation_training_cron,
        "New items need a place even where nothing drifts; beside the training that drift starts",
    ),
    Rhythm(
        experiment_job,
        _settings.experiment_cron,
        "An experiment gains a day of outcomes a day, and its report may be looked at each day",
    ),
    Rhythm(
        fraud_review_job,
        _settings.fraud_review_cron,
        "Search settings for the next trainings, and judge those of the last weeks",
    ),
    Rhythm(
        recommendation_review_job,
        _settings.recommendation_review_cron,
        "Search settings of the recommender's members for the next trainings",
    ),
    Rhythm(
        logs_job,
        _settings.logs_cron,
        "What the API has decided and received is in the lake before its segments pile up",
    ),
    Rhythm(
        audit_job,
        _settings.audit_cron,
        "What was materialized by hand, or by jobs that do not write the log themselves",
    ),
    Rhythm(
        maintenance_job,
        _settings.maintenance_cron,
        "Small files of every table joined, those of old versions deleted",
    ),
    Rhythm(
        stream_job,
        _settings.stream_cron,
        "Whether the stream's features of the day before equal the batch's, which are there by now",
        _has_stream,
    ),
)

schedules = [rhythm.schedule() for rhythm in rhythms]
