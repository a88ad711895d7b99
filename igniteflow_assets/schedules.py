"""The schedules of the platform, in UTC."""

import dagster as dg

from igniteflow_assets.jobs import (
    audit_job,
    daily_job,
    fraud_review_job,
    fraud_training_job,
    maintenance_job,
    recommendation_job,
)
from igniteflow_core.config.load import load_settings

_settings = load_settings().schedules

daily_schedule = dg.build_schedule_from_partitioned_job(
    daily_job,
    name="daily_schedule",
    hour_of_day=_settings.daily_hour,
    description="The previous day, after it is over and delivered",
)

fraud_training_schedule = dg.ScheduleDefinition(
    name="fraud_training_schedule",
    job=fraud_training_job,
    cron_schedule=_settings.fraud_training_cron,
    description="Regular training, in addition to the training that drift starts",
)

recommendation_schedule = dg.ScheduleDefinition(
    name="recommendation_schedule",
    job=recommendation_job,
    cron_schedule=_settings.recommendation_cron,
)

fraud_review_schedule = dg.ScheduleDefinition(
    name="fraud_review_schedule",
    job=fraud_review_job,
    cron_schedule=_settings.fraud_review_cron,
    description="Search hyperparameters for the next trainings, and evaluate recent trainings",
)

audit_schedule = dg.ScheduleDefinition(
    name="audit_schedule",
    job=audit_job,
    cron_schedule=_settings.audit_cron,
    description="Records materializations by hand and by jobs that do not write the log themselves",
)

maintenance_schedule = dg.ScheduleDefinition(
    name="maintenance_schedule",
    job=maintenance_job,
    cron_schedule=_settings.maintenance_cron,
    description="Compacts small files of all tables, and deletes files of expired versions",
)

schedules = [
    daily_schedule,
    fraud_training_schedule,
    recommendation_schedule,
    fraud_review_schedule,
    audit_schedule,
    maintenance_schedule,
]
