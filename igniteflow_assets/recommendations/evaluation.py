"""Evaluation of the recommender on held-out likes."""

import tempfile
from pathlib import Path

import dagster as dg
import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.plots import plot_metadata
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.readable import readable_numbers
from igniteflow_core.recommendations.als import fit_explicit_als
from igniteflow_core.recommendations.artifact import load_recommender
from igniteflow_core.recommendations.evaluation import comparison_table, segment_table
from igniteflow_core.recommendations.holdout import (
    HYBRID,
    Holdout,
    collect_holdout,
    evaluate_models,
    evaluate_new_items,
)
from igniteflow_core.recommendations.holdout_views import (
    evaluate_hidden_items,
    low_rated_share,
    new_user_table,
    rule_costs,
    user_segment_table,
)
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_core.recommendations.plots import (
    plot_long_tail,
    plot_ndcg,
    plot_precision_recall,
    plot_rule_costs,
    plot_segments,
)
from igniteflow_core.recommendations.rating_error import rating_rmse
from igniteflow_core.recommendations.rules import rules_one_by_one
from igniteflow_core.recommendations.split import split_interactions, stratified_split
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    RECOMMENDER,
    RegisteredModel,
    download_model_files,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource

NDCG = "ndcg_at_k"
_TABLES = ("interactions", "ratings", "events", "users", "items")


def load_hybrid_recommender(model: RegisteredModel) -> HybridRecommender:
    """Download a registered version and verify its files."""
    with tempfile.TemporaryDirectory() as folder:
        return load_recommender(download_model_files(model, Path(folder)))


@dg.asset(
    deps=["hybrid_recommender"],
    description="Ranking quality of the challenger and its members on held-out likes",
    kinds={"spark", "mlflow"},
)
def recommendation_evaluation(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    users: DataFrame,
    items: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Rank items for all users with held-out likes, without the items of the training part."""
    configured = settings.current.recommendations
    model = require_model(mlflow.client, RECOMMENDER, CHALLENGER)
    recommender = load_hybrid_recommender(model)
    holdout = held_out_likes(
        recommender, interactions, seen_items(ratings, events), users, configured
    )
    evaluations = evaluate_models(recommender, holdout, configured.top_n)
    table = comparison_table(evaluations, configured.seed)
    segments = segment_table(evaluations, configured.seed)
    new_items = evaluate_new_items(recommender, holdout, configured.top_n) or evaluate_hidden_items(
        recommender, holdout, configured.top_n, configured.content.placement_l2, configured.seed
    )
    by_segment = user_segment_table(evaluations, holdout, configured.seed)
    new_users = new_user_table(recommender, holdout, configured.top_n, configured.seed)
    rules = rules_one_by_one(items.toArrow(), recommender.item_ids, configured.rules)
    costs = rule_costs(recommender, holdout, configured.top_n, rules, configured.seed)
    item_users = np.bincount(holdout.train.indices, minlength=len(recommender.item_ids))
    figures = {
        "ndcg_by_model": plot_ndcg(table, configured.top_n),
        "ndcg_by_history": plot_segments(segments, configured.top_n),
        "ndcg_by_segment": plot_segments(by_segment, configured.top_n),
        "cost_of_rules": plot_rule_costs(costs, configured.top_n),
        "precision_and_recall": plot_precision_recall(evaluations),
        "long_tail": plot_long_tail(item_users, evaluations),
    }
    if len(new_users):
        figures["ndcg_of_new_users"] = plot_segments(new_users, configured.top_n)
    whole = evaluations[HYBRID]
    measured = {f"{name}_at_k": float(values.mean()) for name, values in whole.user_metrics.items()}
    measured |= {
        "coverage": whole.coverage,
        "novelty": whole.novelty,
        "diversity": whole.diversity,
        "ndcg_lost_by_rules": float(costs["cost"].iloc[-1]),
    }
    low_rated = low_rated_share(recommender, holdout, configured.top_n, configured.seed)
    if low_rated is not None:
        measured["low_rated_share"] = low_rated
    if configured.explicit_als:
        measured["explicit_als_rmse"] = _explicit_rmse(ratings, configured)
    with mlflow.asset_run(context, lake.versions(*_TABLES)):
        mlflow.log_metrics(measured)
        mlflow.log_figures(figures)
        mlflow.log_table("comparison", table)
        mlflow.log_table("segments", segments)
        mlflow.log_table("user_segments", by_segment)
        mlflow.log_table("rules", costs)
        if len(new_users):
            mlflow.log_table("new_users", new_users)
    mlflow.client.set_model_version_tag(model.name, model.version, NDCG, str(measured[NDCG]))
    context.add_output_metadata(
        {
            "model_version": model.version,
            **plot_metadata(figures),
            "k": configured.top_n,
            **readable_numbers(measured),
            "comparison": _markdown(table),
            "by_history": _markdown(segments),
            "by_segment": _markdown(by_segment),
            "new_users": (
                _markdown(new_users) if len(new_users) else "no user has more likes than are shown"
            ),
            "rules": _markdown(costs),
            "new_items_only": (
                _markdown(comparison_table(new_items, configured.seed))
                if new_items
                else "no like of an item that could be new is held out"
            ),
        }
    )
    return table


def held_out_likes(
    recommender: HybridRecommender,
    interactions: DataFrame,
    seen: DataFrame,
    users: DataFrame,
    configured: RecommendationSettings,
) -> Holdout:
    """Return the likes that were held out from the challenger, over its catalogue."""
    split = split_interactions(interactions, configured, configured.seed)
    vectors = recommender.members.content.vectors
    return collect_holdout(split, seen, users, recommender.item_ids, vectors)


def _markdown(table: pd.DataFrame) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(table.round(4).to_markdown(index=False))


def _explicit_rmse(ratings: DataFrame, configured: RecommendationSettings) -> float:
    """Return the RMSE of explicit ALS on held-out ratings, in units of the rating."""
    split = stratified_split(ratings, configured.holdout_share, configured.seed)
    train = split.train.persist()
    stars = train.agg(F.min("rating").alias("low"), F.max("rating").alias("high")).collect()[0]
    model = fit_explicit_als(train, configured.als, configured.seed)
    rmse, _ = rating_rmse(model, split.holdout, (stars["low"], stars["high"]))
    train.unpersist()
    return rmse
