"""How well the recommender ranks what it has not seen, and whether it is to serve."""

import tempfile
from pathlib import Path

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.plots import plot_metadata
from igniteflow_core.promotion import decide_promotion
from igniteflow_core.recommendations.artifact import load_recommender
from igniteflow_core.recommendations.evaluation import comparison_table
from igniteflow_core.recommendations.holdout import HYBRID, evaluate_members, ndcg_gain
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.plots import plot_ndcg, plot_precision_recall
from igniteflow_core.recommendations.split import stratified_split
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    RECOMMENDER,
    RegisteredModel,
    download_model_files,
    model_with_alias,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource

NDCG = "ndcg_at_k"


def load_hybrid_recommender(model: RegisteredModel) -> HybridRecommender:
    """Fetch a registered version and verify its files."""
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
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Rank for every user with held-out likes, without what was seen in training."""
    wanted = settings.current.recommendations
    model = require_model(mlflow.client, RECOMMENDER, CHALLENGER)
    recommender = load_hybrid_recommender(model)
    split = stratified_split(interactions, wanted.holdout_share, wanted.seed)
    evaluations = evaluate_members(recommender, split, ratings, wanted.top_n)
    table = comparison_table(evaluations, wanted.seed)
    figures = {
        "ndcg_by_model": plot_ndcg(table, wanted.top_n),
        "precision_and_recall": plot_precision_recall(evaluations),
    }
    measured = {
        f"{name}_at_k": float(values.mean())
        for name, values in evaluations[HYBRID].user_metrics.items()
    }
    with mlflow.asset_run(context, lake.versions("interactions", "ratings")):
        mlflow.log_metrics(measured)
        mlflow.log_figures(figures)
        mlflow.log_table("comparison", table)
    mlflow.client.set_model_version_tag(model.name, model.version, NDCG, str(measured[NDCG]))
    context.add_output_metadata(
        {
            "model_version": model.version,
            "k": wanted.top_n,
            NDCG: measured[NDCG],
            "comparison": dg.MetadataValue.md(table.round(4).to_markdown(index=False)),
            **plot_metadata(figures),
        }
    )
    return table


@dg.asset(
    deps=["recommendation_evaluation"],
    description="The recommender that serves: the challenger only takes over if it is better",
    kinds={"mlflow"},
)
def recommendation_champion(
    interactions: DataFrame,
    ratings: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Compare challenger and champion on the same held-out likes, and promote or refuse."""
    wanted = settings.current.recommendations
    challenger = require_model(mlflow.client, RECOMMENDER, CHALLENGER)
    champion = model_with_alias(mlflow.client, RECOMMENDER, CHAMPION)
    gain = None
    if champion is not None:
        gain = ndcg_gain(
            load_hybrid_recommender(challenger),
            load_hybrid_recommender(champion),
            stratified_split(interactions, wanted.holdout_share, wanted.seed),
            ratings,
            wanted,
        )
    return mlflow.settle_promotion(challenger, champion, decide_promotion("nDCG", gain))
