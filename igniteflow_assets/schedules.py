"""What starts by the clock, in UTC."""

import dagster as dg

from igniteflow_assets.jobs import (
    audit_job,
    daily_job,
    fraud_review_job,
    fraud_training_job,
    maintenance_job,
    recommendation_job,
    recommendation_review_job,
)
from igniteflow_core.config.load import load_settings

_settings = load_settings().schedules

daily_schedule = dg.build_schedule_from_partitioned_job(
    daily_job,
    name="daily_schedule",
    hour_of_day=_settings.daily_hour,
    description="The day before, once it is over and delivered",
)

fraud_training_schedule = dg.ScheduleDefinition(
    name="fraud_training_schedule",
    job=fraud_training_job,
    cron_schedule=_settings.fraud_training_cron,
    description="Training by the clock, beside the one that drift starts",
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
    description="Search settings for the next trainings, and judge those of the last weeks",
)

recommendation_review_schedule = dg.ScheduleDefinition(
    name="recommendation_review_schedule",
    job=recommendation_review_job,
    cron_schedule=_settings.recommendation_review_cron,
    description="Search settings of the recommender's members for the next trainings",
)

audit_schedule = dg.ScheduleDefinition(
    name="audit_schedule",
    job=audit_job,
    cron_schedule=_settings.audit_cron,
    description="What was materialized by hand, or by jobs that do not write the log themselves",
)

maintenance_schedule = dg.ScheduleDefinition(
    name="maintenance_schedule",
    job=maintenance_job,
    cron_schedule=_settings.maintenance_cron,
    description="Small files of every table joined, those of old versions deleted",
)

schedules = [
    daily_schedule,
    fraud_training_schedule,
    recommendation_schedule,
    fraud_review_schedule,
    recommendation_review_schedule,
    audit_schedule,
    maintenance_schedule,
]
