"""``igniteflow stream``: score transactions from Kafka as they happen, until told to end."""

from dagster import build_init_resource_context

from igniteflow_core.config.load import load_settings
from igniteflow_core.stream.scores import Scorer
from igniteflow_core.telemetry.logs import configure_logging
from igniteflow_resources.mlflow.registry import CHAMPION, FRAUD_MODEL, require_model
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.stream.progress import require_brokers
from igniteflow_resources.stream.run import run_stream


def stream() -> None:
    """Score transactions from Kafka as they happen; run it under a supervisor."""
    settings = load_settings()
    require_brokers(settings.stream)
    configure_logging("stream", settings.telemetry)
    from igniteflow_assets.fraud.evaluation import load_fraud_ensemble  # noqa: PLC0415

    resources = platform_resources(settings)
    model = require_model(resources["mlflow"].client, FRAUD_MODEL, CHAMPION)
    scorer = Scorer(load_fraud_ensemble(model), model.version)
    spark, lake = resources["spark"], resources["lake"]
    spark.setup_for_execution(build_init_resource_context())
    run_stream(spark.session, lake, settings, scorer)
