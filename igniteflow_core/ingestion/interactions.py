"""Validates delivered ratings and events; rejected rows have reasons."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import text_of, value_of
from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.schemas.delivery import SOURCE_FILE
from igniteflow_core.schemas.interactions import EVENTS, RATINGS
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import Clock


def judge_ratings(raw: DataFrame, clock: Clock, form: ValueForm = PLAIN) -> JudgedTable:
    """Validate every row of ``raw``, which has RATINGS' columns as text.

    Of several ratings of one item by one user the latest counts; the others are ``superseded``. A
    rating without a time counts as older than one with a time.
    """
    latest_first = [
        F.col(value_of("event_time")).desc_nulls_last(),
        F.col(SOURCE_FILE).desc(),
        F.col(value_of("rating")).desc(),
    ]
    return judge_table(raw, RATINGS, clock, form, counts_first=latest_first, repeat="superseded")


def judge_events(
    raw: DataFrame, clock: Clock, event_types: Sequence[str], form: ValueForm = PLAIN
) -> JudgedTable:
    """Validate every row of ``raw``, which has EVENTS' columns as text.

    An event whose type is not in ``event_types`` is quarantined as ``unknown_event_type``.
    """
    unknown = {"unknown_event_type": ~F.col(text_of("event_type")).isin(*event_types)}
    return judge_table(raw, EVENTS, clock, form, rules=unknown)
