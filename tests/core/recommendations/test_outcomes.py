from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from igniteflow_core.config.recommendations import EventSettings, RecommendationSettings
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.materialize import user_states
from igniteflow_core.online.recent_events import RecentEvent, add_events
from igniteflow_core.recommendations.interactions import seen_items, to_interactions
from igniteflow_core.recommendations.outcomes import counted_outcomes, outcomes_of, with_outcomes
from igniteflow_core.recommendations.user_rows import user_rows
from igniteflow_core.schemas.decisions import FEEDBACK_LOG
from igniteflow_core.schemas.interactions import EVENTS, RATINGS, RECOMMENDATIONS, USERS

pytestmark = pytest.mark.spark

BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
SETTINGS = RecommendationSettings(events=EventSettings(half_life_days=None))
ACTIONS = ("view", "cart", "purchase", "hide", "rating")


def random_outcomes(count):
    """What few users do with few items, so that much happens to the same ones."""
    random = np.random.default_rng(3)
    for number in range(count):
        action = str(random.choice(ACTIONS))
        yield {
            "feedback_id": f"f{number}",
            "received_at": BEGIN + timedelta(minutes=number, days=number // 200),
            "kind": "outcome",
            # Now and then two events of the same time.
            "event_time": BEGIN + timedelta(minutes=int(number - random.integers(0, 2))),
            "user_id": f"U{random.integers(15)}",
            "item_id": f"I{random.integers(8)}",
            "action": action,
            "rating": float(random.integers(1, 6)) if action == "rating" else None,
        }


def nightly(spark, log, recommendations):
    """The histories that the batch makes where nothing but the log has come in."""
    outcomes = outcomes_of(spark.createDataFrame(log, FEEDBACK_LOG.ddl)).cache()
    empty = {each.name: spark.createDataFrame([], each.ddl) for each in (RATINGS, EVENTS, USERS)}
    ratings = with_outcomes(empty["ratings"], RATINGS, outcomes).cache()
    events = with_outcomes(empty["events"], EVENTS, outcomes).cache()
    rows = user_rows(
        to_interactions(ratings, events, SETTINGS),
        seen_items(ratings, events),
        empty["users"],
        recommendations,
        counted_outcomes(outcomes, ratings, events, 7),
    )
    states = user_states((row.asDict() for row in rows.collect()), as_of=1)
    return {key.entity_id: UserHistory.from_bytes(state.payload) for key, state in states}


def rows_of_log(outcomes):
    label = {"feedback_id": "label", "received_at": BEGIN, "kind": "label", "event_time": BEGIN}
    return [
        dict.fromkeys(FEEDBACK_LOG.column_names) | {"correlation_id": "c"} | row
        for row in [label, *outcomes]
    ]


def test_a_nightly_run_makes_of_the_same_events_the_same_history(spark):
    outcomes = list(random_outcomes(400))
    lists = spark.createDataFrame([], RECOMMENDATIONS.ddl)
    before = nightly(spark, rows_of_log(outcomes[:250]), lists)
    after = nightly(spark, rows_of_log(outcomes), lists)

    rated = {(row["user_id"], row["item_id"]) for row in outcomes[250:] if row["rating"]}
    for user, batch in after.items():
        # Those that the batch has counted are in the store still.
        recent = [
            RecentEvent(
                row["feedback_id"], row["item_id"], row["action"],
                int(row["event_time"].timestamp() * 1e6), row["rating"],
            )
            for row in outcomes if row["user_id"] == user and row["received_at"] > BEGIN
        ]  # fmt: skip
        recent = recent[-100:]
        live = add_events(before.get(user, UserHistory({}, (), None)), recent, SETTINGS)
        assert set(live.seen) == set(batch.seen)
        assert set(live.liked) == set(batch.liked)
        same = [item for item in live.liked if (user, item) not in rated]
        assert {item: live.liked[item] for item in same} == {
            item: batch.liked[item] for item in same
        }
        assert add_events(batch, recent[-20:], SETTINGS) is batch
    assert len(after) == 15
