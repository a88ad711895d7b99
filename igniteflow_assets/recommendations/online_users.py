"""Likes and precomputed list of each user in the online store, for the API."""

import time
from contextlib import closing

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.materialize import user_states, write_states
from igniteflow_core.online.store import LINES_DAYS
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_core.recommendations.outcomes import counted_outcomes, outcomes_of
from igniteflow_core.recommendations.user_rows import user_rows
from igniteflow_core.schemas.decisions import FEEDBACK_LOG
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    description="Likes, seen items and the precomputed list of each user, for the API",
    kinds={"redis", "sqlite"},
)
def online_users(
    interactions: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    users: DataFrame,
    recommendations: DataFrame,
    lake: LakeResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Write the states of all users again, one partition of users at a time."""
    outcomes = outcomes_of(lake.rows_of(FEEDBACK_LOG))
    counted = counted_outcomes(outcomes, ratings, events, LINES_DAYS)
    seen = seen_items(ratings, events)
    rows = user_rows(interactions, seen, users, recommendations, counted)
    histories = (row.asDict() for row in rows.toLocalIterator())
    with closing(connect_online_store(settings.current.online)) as store:
        written = write_states(store, user_states(histories, as_of=time.time_ns() // 1_000))
        count = store.count("user")
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": count,
            "states_written": written,
            "lake_version": lake.versions("recommendations")["recommendations"],
        }
    )


@dg.asset_check(asset=online_users, blocking=True, description="No user is left out")
def online_users_hold_everybody(
    lake: LakeResource, settings: SettingsResource
) -> dg.AssetCheckResult:
    """Check that the store has a state for each user with a like or a list."""
    people = [lake.read(table).select("user_id") for table in ("interactions", "recommendations")]
    expected = people[0].union(people[1]).distinct().count()
    with closing(connect_online_store(settings.current.online)) as store:
        held = store.count("user")
    return dg.AssetCheckResult(
        passed=held >= expected, metadata={"expected": expected, "held": held}
    )
