"""Automation conditions, each named after the reason for which an asset runs by itself."""

import dagster as dg

Condition = dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]


def after_promotion_of(champion: str) -> Condition:
    """Return a condition that updates the newest partition when another model is promoted.

    Args:
        champion: the asset whose materialization promotes a model.
    """
    promoted = dg.AutomationCondition.any_deps_updated().allow(dg.AssetSelection.assets(champion))
    condition = (
        dg.AutomationCondition.in_latest_time_window()
        & promoted.since_last_handled()
        & ~dg.AutomationCondition.in_progress()
        & ~dg.AutomationCondition.any_deps_in_progress()
    )
    return condition.with_label(f"after_promotion_of_{champion}")


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


def by_the_clock(cron: str) -> Condition:
    """Return a condition that is true at these times of UTC.

    Args:
        cron: minute, hour, day of the month, month, day of the week.
    """
    return dg.AutomationCondition.on_cron(cron).with_label("by_the_clock")
