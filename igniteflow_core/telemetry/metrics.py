"""Prometheus metrics of the platform; their names and labels are a contract with dashboards."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no annotations

REGISTRY: Final = CollectorRegistry()
"""The registry of this module's metrics only, without those that libraries register."""

_JOB_SECONDS = (1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400)
_API_SECONDS = (
    0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
)  # fmt: skip
_MODEL = ("model_name", "version")

JOB_DURATION_SECONDS: Final = Histogram(
    "igniteflow_job_duration_seconds",
    "Duration of runs",
    ("job_name", "status"),
    registry=REGISTRY,
    buckets=_JOB_SECONDS,
)
JOB_TOTAL: Final = Counter(
    "igniteflow_job_total", "Runs that ended", ("job_name", "status"), registry=REGISTRY
)
RECORDS_PROCESSED_TOTAL: Final = Counter(
    "igniteflow_records_processed_total",
    "Records that a stage has processed",
    ("job_name", "stage"),
    registry=REGISTRY,
)
DATA_QUALITY_SCORE: Final = Gauge(
    "igniteflow_data_quality_score",
    "Share of rows that satisfy the rule, 0 to 1",
    ("dataset", "rule"),
    registry=REGISTRY,
)
COLUMN_NULL_SHARE: Final = Gauge(
    "igniteflow_column_null_share",
    "Share of the rows without a value, 0 to 1, by the newest profile",
    ("dataset", "column"),
    registry=REGISTRY,
)
COLUMN_DISTINCT_VALUES: Final = Gauge(
    "igniteflow_column_distinct_values",
    "About how many different values there are, by the newest profile",
    ("dataset", "column"),
    registry=REGISTRY,
)
MODEL_ACCURACY: Final = Gauge(
    "igniteflow_model_accuracy", "Accuracy on the test window", _MODEL, registry=REGISTRY
)
MODEL_PRECISION: Final = Gauge(
    "igniteflow_model_precision", "Precision on the test window", _MODEL, registry=REGISTRY
)
MODEL_RECALL: Final = Gauge(
    "igniteflow_model_recall", "Recall on the test window", _MODEL, registry=REGISTRY
)
MODEL_F1_SCORE: Final = Gauge(
    "igniteflow_model_f1_score", "F1 score on the test window", _MODEL, registry=REGISTRY
)
MODEL_DATA_DRIFT_SCORE: Final = Gauge(
    "igniteflow_model_data_drift_score",
    "Largest population stability index of the features, or of the scores",
    ("model_name", "feature_set"),
    registry=REGISTRY,
)
DAGSTER_RUNS: Final = Gauge(
    "igniteflow_dagster_runs", "Runs that have not ended", ("status",), registry=REGISTRY
)
DAGSTER_QUEUE_AGE_SECONDS: Final = Gauge(
    "igniteflow_dagster_queue_age_seconds",
    "Waiting time of the oldest queued run, 0 if none waits",
    registry=REGISTRY,
)
DAGSTER_DAEMON_HEARTBEAT_AGE_SECONDS: Final = Gauge(
    "igniteflow_dagster_daemon_heartbeat_age_seconds",
    "Time since the last heartbeat of each of Dagster's daemons",
    ("daemon",),
    registry=REGISTRY,
)
ASSET_MATERIALIZED_TIMESTAMP_SECONDS: Final = Gauge(
    "igniteflow_asset_materialized_timestamp_seconds",
    "When the asset was materialized last, in seconds since 1970",
    ("asset",),
    registry=REGISTRY,
)
ASSET_FACT: Final = Gauge(
    "igniteflow_asset_fact",
    "Each number in the metadata of the asset's last materialization",
    ("asset", "fact"),
    registry=REGISTRY,
)
ASSET_CHECK_PASSED: Final = Gauge(
    "igniteflow_asset_check_passed",
    "1 if the check passed at its last evaluation, else 0",
    ("asset", "check"),
    registry=REGISTRY,
)
EXPORTER_REFRESHED_TIMESTAMP_SECONDS: Final = Gauge(
    "igniteflow_exporter_refreshed_timestamp_seconds",
    "When Dagster's state was read last, in seconds since 1970",
    registry=REGISTRY,
)
EXPORTER_FAILURES_TOTAL: Final = Counter(
    "igniteflow_exporter_failures_total",
    "Failures to read Dagster's state",
    registry=REGISTRY,
)
SPARK_EXECUTORS_ACTIVE: Final = Gauge(
    "igniteflow_spark_executors_active",
    "Executors of the Spark application",
    ("app_id",),
    registry=REGISTRY,
)
SPARK_CORES_TOTAL: Final = Gauge(
    "igniteflow_spark_cores_total", "Cores of those executors", ("app_id",), registry=REGISTRY
)
MEMORY_USAGE_BYTES: Final = Gauge(
    "igniteflow_memory_usage_bytes", "Resident memory", ("component",), registry=REGISTRY
)
API_REQUESTS_TOTAL: Final = Counter(
    "igniteflow_api_requests_total",
    "Requests answered",
    ("endpoint", "method", "status"),
    registry=REGISTRY,
)
API_REQUEST_DURATION_SECONDS: Final = Histogram(
    "igniteflow_api_request_duration_seconds",
    "Time from the request's first byte in the server to the last of the response",
    ("endpoint", "method", "status"),
    registry=REGISTRY,
    buckets=_API_SECONDS,
)
ONLINE_READS_TOTAL: Final = Counter(
    "igniteflow_online_reads_total",
    "Entity states requested from the online store; state is fresh, stale, absent or failed",
    ("entity", "state"),
    registry=REGISTRY,
)
ONLINE_EVENTS_TOTAL: Final = Counter(
    "igniteflow_online_events_total",
    "Outcomes of users written to the online store; state is stored or failed",
    ("state",),
    registry=REGISTRY,
)
FEEDBACK_MESSAGES_TOTAL: Final = Counter(
    "igniteflow_feedback_messages_total",
    "Messages of the topic of feedback; state is taken or dead_letter",
    ("state",),
    registry=REGISTRY,
)
ONLINE_FEATURE_AGE_SECONDS: Final = Gauge(
    "igniteflow_online_feature_age_seconds",
    "Age of the newest complete data in the online store, at its last read",
    registry=REGISTRY,
)
PREDICTIONS_TOTAL: Final = Counter(
    "igniteflow_predictions_total",
    "Scores given; role is champion, canary or shadow, decision is alert or pass",
    ("model_name", "version", "role", "decision"),
    registry=REGISTRY,
)
DECISIONS_LOGGED_TOTAL: Final = Counter(
    "igniteflow_decisions_logged_total", "Decisions written to the log", registry=REGISTRY
)
MODEL_LOAD_FAILURES_TOTAL: Final = Counter(
    "igniteflow_model_load_failures_total",
    "Rollouts that could not be loaded; the previous version continues to serve",
    ("model_name",),
    registry=REGISTRY,
)
SERVING_MODEL_INFO: Final = Gauge(
    "igniteflow_serving_model_info",
    "1 for each model version that is loaded",
    ("model_name", "version", "role"),
    registry=REGISTRY,
)
