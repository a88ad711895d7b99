"""The business report: the value of the models, on one page."""

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.known_labels import labelled_by_now
from igniteflow_assets.plots import plot_metadata
from igniteflow_core.business.fraud_days import fraud_days
from igniteflow_core.business.page import business_figures, business_page
from igniteflow_core.business.report import (
    BusinessReport,
    experiment_states,
    recommendation_lift,
)
from igniteflow_core.readable import readable_numbers
from igniteflow_core.schemas.experiments import EXPERIMENT_REPORT
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.transactions import FRAUD_SCORES, TRANSACTIONS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import FRAUD_MODEL, RECOMMENDER
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.mlflow.versions import newest_versions
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

_EVALUATION = "recommendation_evaluation"
_VERSIONS_OF_EACH = 5


@dg.asset(
    deps=[
        "fraud_champion",
        "recommendation_champion",
        _EVALUATION,
        EXPERIMENT_REPORT.name,
        LABELS.name,
    ],
    description="Detected and missed fraud amounts, alert load and precision by day, the lift of "
    "recommendations, the state of experiments, the versions of the models",
    kinds={"spark", "matplotlib"},
)
def business_report(
    context: dg.AssetExecutionContext,
    fraud_scores: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> dg.MaterializeResult[None]:
    """Build the report from the tables that exist; recommendations and experiments are optional."""
    experiments = (
        lake.read(EXPERIMENT_REPORT.name)
        if lake.exists(EXPERIMENT_REPORT.name)
        else spark.session.createDataFrame([], EXPERIMENT_REPORT.ddl)
    )
    report = BusinessReport(
        days=fraud_days(fraud_scores, labelled_by_now(transactions, lake, settings.current)),
        lift=(
            recommendation_lift(lake.read(_EVALUATION).toPandas())
            if lake.exists(_EVALUATION)
            else None
        ),
        experiments=experiment_states(experiments.toPandas()),
        models=[
            version
            for model in (FRAUD_MODEL, RECOMMENDER)
            for version in newest_versions(mlflow.client, model, _VERSIONS_OF_EACH)
        ],
    )
    figures, measured = business_figures(report), report.figures()
    with mlflow.asset_run(context, lake.versions(FRAUD_SCORES.name, TRANSACTIONS.name)):
        page = mlflow.log_page(context.asset_key.path[-1], business_page(report, figures))
        mlflow.log_metrics(measured)
    return dg.MaterializeResult(
        metadata={
            "newest_day": report.days["event_date"].iloc[-1].isoformat(),
            **readable_numbers(measured),
            "page": dg.MetadataValue.url(page),
            **plot_metadata(figures),
        }
    )
