"""How the recommender that serves does: on held-out likes, and by what users do with its lists."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg
import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.monitoring.performance_metadata import (
    PERFORMANCE_DROPPED,
    PREVIOUS_IS_BETTER,
)
from igniteflow_assets.recommendations.evaluation import (
    NDCG,
    held_out_likes,
    load_hybrid_recommender,
)
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.config.promotion import RecommendationPerformanceSettings
from igniteflow_core.fraud.windows import DayWindow
from igniteflow_core.readable import readable
from igniteflow_core.recommendations.hit_rate import hit_rate, hits_by_day, list_hits
from igniteflow_core.recommendations.holdout import held_out_ndcg, ndcg_gain
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_core.recommendations.outcomes import outcomes_of
from igniteflow_core.schemas.decisions import FEEDBACK_LOG, RECOMMENDATION_LOG
from igniteflow_core.schemas.models import RECOMMENDATION_PERFORMANCE
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.promotion import previous_champion
from igniteflow_resources.mlflow.registry import CHAMPION, RECOMMENDER, model_tags, require_model
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@dataclass(frozen=True)
class _Verdict:
    """One judgement: whether the recommender has fallen, in words, and the figures."""

    has_dropped: bool
    words: str
    figures: dict[str, Any]


@table_asset(
    RECOMMENDATION_PERFORMANCE,
    deps=["recommendation_champion", RECOMMENDATION_LOG.name, FEEDBACK_LOG.name],
)
def recommendation_performance(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    users: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> DataFrame:
    """Judge the champion by the likes that are held out now, and by the newest lists."""
    configured = settings.current.recommendations
    limits = settings.current.recommendation_performance
    client = mlflow.client
    champion = require_model(client, RECOMMENDER, CHAMPION)
    recommender = load_hybrid_recommender(champion)
    seen = seen_items(ratings, events)
    holdout = held_out_likes(recommender, interactions, seen, users, configured)
    judged = int(np.count_nonzero(np.diff(holdout.relevant.indptr)))
    previous_is_better = False
    if judged < limits.min_users:
        ranking = _Verdict(False, f"{judged} users with held-out likes, too few", {})
    else:
        expected = float(model_tags(client, champion)[NDCG])
        measured = held_out_ndcg(recommender, holdout, configured)
        ranking = _Verdict(
            measured.high < (1.0 - limits.tolerance) * expected,
            f"nDCG {measured.mean:.4f} ({measured.low:.4f} to {measured.high:.4f}), at promotion "
            f"{expected:.4f}",
            {"ndcg": readable(measured.mean), "ndcg_at_promotion": readable(expected)},
        )
        previous = previous_champion(client, RECOMMENDER)
        if previous is not None:
            before = load_hybrid_recommender(previous)
            over = held_out_likes(before, interactions, seen, users, configured)
            previous_is_better = ndcg_gain(before, recommender, over, configured).low > 0
    hits = list_hits(
        lake.rows_of(RECOMMENDATION_LOG),
        outcomes_of(lake.rows_of(FEEDBACK_LOG)),
        configured,
        limits.outcome_days,
    ).persist()
    use = _judged_hits(hits, limits)
    context.add_output_metadata(
        {
            "model_version": champion.version,
            PERFORMANCE_DROPPED: ranking.has_dropped or use.has_dropped,
            PREVIOUS_IS_BETTER: previous_is_better,
            "verdict": f"{ranking.words}; {use.words}",
            **ranking.figures,
            **use.figures,
        }
    )
    return hits_by_day(hits).select(RECOMMENDATION_PERFORMANCE.column_names)


def _judged_hits(hits: DataFrame, limits: RecommendationPerformanceSettings) -> _Verdict:
    """The newest days whose outcomes are known, beside the days before them."""
    newest = hits.agg(F.max("event_date")).collect()[0][0]
    if newest is None:
        return _Verdict(False, "no list was given yet", {})
    last = newest - timedelta(days=limits.outcome_days)
    first = last - timedelta(days=limits.days - 1)
    before = DayWindow(first - timedelta(days=limits.reference_days), first - timedelta(days=1))
    now, then = hit_rate(hits, DayWindow(first, last)), hit_rate(hits, before)
    if min(now.lists, then.lists) < limits.min_lists:
        return _Verdict(False, f"{now.lists} lists, and {then.lists} before them, too few", {})
    return _Verdict(
        now.has_fallen(then, limits.tolerance),
        f"{now.rate:.2%} of {now.lists} lists led to a like, {then.rate:.2%} before",
        {"hit_rate": readable(now.rate), "hit_rate_before": readable(then.rate)},
    )
