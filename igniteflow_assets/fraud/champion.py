"""Promotion and rollback of the fraud model."""

import dagster as dg
import pandas as pd

from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.promotion import ChampionConfig, back_to_previous, champion_check, settled
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.promotion import PromotionSettings
from igniteflow_core.fraud.bootstrap import average_precision_gain
from igniteflow_core.fraud.guardrails import segment_losses, serving_cost
from igniteflow_core.fraud.training import labelled_transactions, rows_of, windows_of
from igniteflow_core.promotion import (
    PromotionDecision,
    better_than_champion,
    enough,
    never_rolled_back,
    not_worse_in_segments,
    within,
)
from igniteflow_resources.mlflow.promotion import rolled_back_reason, settle_promotion
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    FRAUD_MODEL,
    RegisteredModel,
    model_with_alias,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    deps=["fraud_evaluation"],
    description="The fraud model that serves; the challenger is only promoted if it is better and "
    "no other criterion is worse",
    kinds={"mlflow"},
)
def fraud_champion(
    config: ChampionConfig,
    fraud_training_set: pd.DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Compare both models on the same test rows, and promote or refuse; or roll back."""
    client = mlflow.client
    if config.action == "roll_back":
        return back_to_previous(client, FRAUD_MODEL, config)
    current = settings.current
    challenger = require_model(client, FRAUD_MODEL, CHALLENGER)
    champion = model_with_alias(client, FRAUD_MODEL, CHAMPION)
    test = rows_of(fraud_training_set, windows_of(fraud_training_set, current.fraud).test)
    decision = _decide(
        test,
        challenger,
        champion,
        rolled_back_reason(client, challenger),
        current.fraud,
        current.promotion,
    )
    serving = settle_promotion(client, challenger, champion, decision)
    return settled(client, serving, challenger, decision)


def _decide(
    test: pd.DataFrame,
    challenger: RegisteredModel,
    champion: RegisteredModel | None,
    taken_back: str | None,
    fraud: FraudSettings,
    limits: PromotionSettings,
) -> PromotionDecision:
    new = load_fraud_ensemble(challenger)
    cost = serving_cost(new, test)
    criteria = [
        never_rolled_back(taken_back),
        within("time to score a row", cost.milliseconds, limits.max_score_milliseconds, "ms"),
        within("size of its files", cost.megabytes, limits.max_megabytes, "MB"),
    ]
    if champion is None:
        return PromotionDecision((better_than_champion("", None, limits.margin), *criteria))
    known = labelled_transactions(test)
    old = load_fraud_ensemble(champion)
    new_scores, old_scores = new.predict_proba(test), old.predict_proba(test)
    gain = average_precision_gain(new_scores, old_scores, known.labels, known.days, seed=fraud.seed)
    losses = segment_losses(
        test,
        new_scores >= new.threshold,
        old_scores >= old.threshold,
        min_frauds=limits.min_segment_frauds,
    )
    return PromotionDecision(
        (
            better_than_champion("average precision", gain, limits.margin),
            enough("test days", test["event_date"].nunique(), limits.min_days),
            enough("test frauds", int(known.labels.sum()), limits.min_frauds),
            not_worse_in_segments("recall by segment", losses.recall, limits.max_recall_loss),
            not_worse_in_segments(
                "false alarms by segment", losses.false_alarms, limits.max_false_alarm_rise
            ),
            *criteria,
        )
    )


fraud_champion_passed_the_gate = champion_check(fraud_champion, FRAUD_MODEL)
