"""Automation conditions, each named after the reason for which an asset runs by itself."""

import dagster as dg

Condition = dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]


def after_promotion_of(*champions: str) -> Condition:
    """The newest partition runs when another model or decision policy was promoted: what is served
    is the champion's.

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
    """A partition that exists runs again when days that it looks back on were written anew.

    A late delivery so recomputes the days it touches, and no others.

    Args:
        table: the partitioned table that it looks back on.
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
    """It runs at these times of UTC, whatever else has happened.

    Args:
        cron: minute, hour, day of the month, month, day of the week.
    """
    return dg.AutomationCondition.on_cron(cron).with_label("by_the_clock")
