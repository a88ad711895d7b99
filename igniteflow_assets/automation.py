"""Automation conditions, each named after the reason for which an asset runs by itself."""

import dagster as dg

from igniteflow_assets.running import sensor_status

Condition = dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]


def after_promotion_of(*champions: str) -> Condition:
    """Return a condition that updates the newest partition when another model or decision policy
    is promoted.

    Args:
        champions: the assets whose materialization promotes.
    """
    promoting = dg.AssetSelection.assets(*champions)
    promoted = dg.AutomationCondition.any_deps_updated().allow(promoting)
    condition = (
        dg.AutomationCondition.in_latest_time_window()
        & promoted.since_last_handled()
        & ~dg.AutomationCondition.in_progress()
        & ~dg.AutomationCondition.any_deps_in_progress()
    )
    return condition.with_label(f"after_promotion_of_{'_or_'.join(champions)}")


def after_change_of(table: str) -> Condition:
    """Return a condition that updates existing partitions when days of their lookback change.

    A late delivery therefore recomputes only the days that it affects.

    Args:
        table: the partitioned table of the lookback.
    """
    written = dg.AutomationCondition.any_deps_updated().allow(dg.AssetSelection.assets(table))
    condition = (
        written.since_last_handled()
        & ~dg.AutomationCondition.missing()
        & ~dg.AutomationCondition.in_progress()
        & ~dg.AutomationCondition.any_deps_in_progress()
    )
    return condition.with_label(f"after_change_of_{table}")


def after_change_of_inputs() -> Condition:
    """It runs when any of its inputs was written again, once all writes in progress have ended.

    A run of the day before so is followed by one refresh, and a late delivery by another.
    """
    condition = (
        dg.AutomationCondition.any_deps_updated().since_last_handled()
        & ~dg.AutomationCondition.in_progress()
        & ~dg.AutomationCondition.any_deps_in_progress()
    )
    return condition.with_label("after_change_of_inputs")


def by_the_clock(cron: str) -> Condition:
    """Return a condition that is true at these times of UTC.

    Args:
        cron: minute, hour, day of the month, month, day of the week.
    """
    return dg.AutomationCondition.on_cron(cron).with_label("by_the_clock")


_SENSOR = "default_automation_condition_sensor"

automation_sensor = dg.AutomationConditionSensorDefinition(
    _SENSOR,
    target=dg.AssetSelection.all(),
    description="Starts the assets whose conditions hold",
    default_status=sensor_status(_SENSOR),
)
"""By the name of the one that Dagster would make itself, which would be off everywhere."""
