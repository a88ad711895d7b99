"""A unique canary in every setting and variable that holds a secret, on parts that are all away."""

import json

import pytest

AWAY = "127.0.0.1:1"
NAMES = (
    "redis_password", "webhook", "sasl_password", "jaas", "s3_secret", "s3_access", "s3_token",
    "aws_secret", "aws_token", "mlflow_password", "mlflow_token", "pg_password", "otlp_headers",
    "container_token",
)  # fmt: skip
CANARIES = {name: f"canary-{number:02d}-of-{name}" for number, name in enumerate(NAMES)}


def variables() -> dict[str, str]:
    """The environment of a platform whose every part is away and has its canary."""
    of = CANARIES
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    source = f'{module} required username="u" password="{of["jaas"]}";'
    sasl = {
        "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "u",
        "sasl.password": of["sasl_password"],
    }  # fmt: skip
    sagemaker = {
        "bucket": "b", "image": "i", "role_arn": "arn:aws:iam::1:role/r",
        "endpoint_url": f"http://{AWAY}", "environment": {"API_TOKEN": of["container_token"]},
    }  # fmt: skip
    s3 = "spark.hadoop.fs.s3a"
    return {
        "IGNITEFLOW_ENV": "local",
        "IGNITEFLOW_ONLINE__BACKEND": "redis",
        "IGNITEFLOW_ONLINE__REDIS__HOST": "127.0.0.1",
        "IGNITEFLOW_ONLINE__REDIS__PORT": "1",
        "IGNITEFLOW_ONLINE__REDIS__PASSWORD": of["redis_password"],
        "IGNITEFLOW_ALERTS__WEBHOOK_URL": f"http://{AWAY}/services/{of['webhook']}",
        "IGNITEFLOW_STREAM__BROKERS": AWAY,
        "IGNITEFLOW_STREAM__SOURCE_OPTIONS": json.dumps({"kafka.sasl.jaas.config": source}),
        "IGNITEFLOW_STREAM__CLIENT_OPTIONS": json.dumps(sasl),
        "IGNITEFLOW_SPARK__CONFIG": json.dumps(
            {
                f"{s3}.secret.key": of["s3_secret"],
                f"{s3}.access.key": of["s3_access"],
                f"{s3}.session.token": of["s3_token"],
                "spark.kafka.sasl.jaas.config": source,
                "spark.logConf": "true",
                "spark.ui.enabled": "true",
                "spark.ui.port": "0",
            }
        ),
        "IGNITEFLOW_SERVING__SAGEMAKER": json.dumps(sagemaker),
        "IGNITEFLOW_MLFLOW__TRACKING_URI": f"http://{AWAY}",
        "IGNITEFLOW_MLFLOW__ARTIFACT_ROOT": "null",
        "IGNITEFLOW_TELEMETRY__OTLP_ENDPOINT": f"http://{AWAY}/v1/traces",
        "IGNITEFLOW_TELEMETRY__LOG_LEVEL": "DEBUG",
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={of['otlp_headers']}",
        "AWS_ACCESS_KEY_ID": "known",
        "AWS_SECRET_ACCESS_KEY": of["aws_secret"],
        "AWS_SESSION_TOKEN": of["aws_token"],
        "AWS_MAX_ATTEMPTS": "1",
        "MLFLOW_TRACKING_USERNAME": "u",
        "MLFLOW_TRACKING_PASSWORD": of["mlflow_password"],
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "DAGSTER_PG_PASSWORD": of["pg_password"],
    }  # fmt: skip


def assert_no_canary(text: str | bytes, where: str) -> None:
    content = text.encode() if isinstance(text, str) else text
    found = [name for name, canary in CANARIES.items() if canary.encode() in content]
    assert not found, f"{where} tells {found}"


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, value in variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IGNITEFLOW_CONFIG_PATH", raising=False)
    return CANARIES
