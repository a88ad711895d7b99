"""Promotion and rollback of the recommender."""

import dagster as dg
import numpy as np
from pyspark.sql import DataFrame

from igniteflow_assets.promotion import ChampionConfig, back_to_previous, champion_check, settled
from igniteflow_assets.recommendations.evaluation import held_out_likes, load_hybrid_recommender
from igniteflow_core.promotion import (
    PromotionDecision,
    better_than_champion,
    enough,
    never_rolled_back,
)
from igniteflow_core.recommendations.holdout import ndcg_gain
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_resources.mlflow.promotion import rolled_back_reason, settle_promotion
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    RECOMMENDER,
    model_with_alias,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    deps=["recommendation_evaluation"],
    description="The recommender that serves; the challenger is only promoted if it is better",
    kinds={"mlflow"},
)
def recommendation_champion(
    config: ChampionConfig,
    interactions: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    users: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Compare both models on the same held-out likes, and promote or refuse; or roll back."""
    client = mlflow.client
    if config.action == "roll_back":
        return back_to_previous(client, RECOMMENDER, config)
    current, limits = settings.current.recommendations, settings.current.promotion
    challenger = require_model(client, RECOMMENDER, CHALLENGER)
    champion = model_with_alias(client, RECOMMENDER, CHAMPION)
    criteria = [never_rolled_back(rolled_back_reason(client, challenger))]
    gain = None
    if champion is not None:
        recommender = load_hybrid_recommender(challenger)
        seen = seen_items(ratings, events)
        holdout = held_out_likes(recommender, interactions, seen, users, current)
        gain = ndcg_gain(recommender, load_hybrid_recommender(champion), holdout, current)
        judged = int(np.count_nonzero(np.diff(holdout.relevant.indptr)))
        criteria.append(enough("users judged on", judged, limits.min_users))
    decision = PromotionDecision((better_than_champion("nDCG", gain, limits.margin), *criteria))
    serving = settle_promotion(client, challenger, champion, decision)
    return settled(client, serving, challenger, decision)


recommendation_champion_passed_the_gate = champion_check(recommendation_champion, RECOMMENDER)
