"""Values that would be unsafe or mean nothing are refused, each with the place named."""

import pytest

from tests.deployment.chart import refusal, render

REFUSED = {
    "a password in the values": ("dev", "dagster.database.password=x", "password"),
    "a password in the settings": ("dev", "settings.online.redis.password=x", "/settings"),
    "an API key in the settings": ("dev", "settings.serving.api_keys[0].name=x", "/settings"),
    "a secret among Spark's properties": (
        "dev",
        r"spark.config.spark\.hadoop\.fs\.s3a\.secret\.key=x",
        "/spark/config",
    ),
    "an unknown value": ("dev", "replicas=3", "replicas"),
    "an unknown environment": ("dev", "environment=test", "/environment"),
    "root": ("dev", "podSecurity.runAsUser=0", "/podSecurity/runAsUser"),
    "the tag latest": ("dev", "image.tag=latest", "/image/tag"),
    "the tag latest for serving": ("dev", "serving.image.tag=latest", "/serving/image/tag"),
    "a digest that is none": ("dev", "image.digest=sha256:abc", "/image/digest"),
    "a database without TLS": ("dev", "dagster.database.sslMode=disable", "sslMode"),
    "everybody may sign in": ("dev", "authProxy.emailDomains={*}", "/authProxy/emailDomains/0"),
    "nobody may sign in": ("dev", "authProxy.emailDomains=null", "emailDomains"),
    "an identity provider without TLS": (
        "dev",
        "authProxy.issuerUrl=http://login.example.com",
        "/authProxy/issuerUrl",
    ),
    "artifacts on a pod's disk": (
        "dev",
        "mlflow.artifactsDestination=/tmp",
        "artifactsDestination",
    ),
    "no place for artifacts": ("dev", "mlflow.artifactsDestination=", "artifactsDestination"),
    "a canary of more than all": ("dev", "istio.canary.weight=101", "/istio/canary/weight"),
    "prod by tag": ("prod", "image.digest=", "/image/digest"),
    "prod serving by tag": ("prod", "serving.image.digest=", "/serving/image/digest"),
    "a prod canary by tag": ("prod", "istio.canary.enabled=true", "/istio/canary/digest"),
    "prod without network policies": ("prod", "networkPolicy.enabled=false", "/networkPolicy"),
    "prod without budgets": ("prod", "podDisruptionBudget.enabled=false", "/podDisruptionBudget"),
    "prod without migrations": ("prod", "migrations.enabled=false", "/migrations"),
    "prod with an unverified database": ("prod", "dagster.database.sslMode=require", "sslMode"),
    "prod that everybody in the company may change": (
        "prod",
        "authProxy.adminGroups=null",
        "adminGroups",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    environment, value, told = REFUSED[case]
    assert told in refusal(f"--set={value}", environment=environment)


def test_the_bare_defaults_ask_for_what_they_cannot_know() -> None:
    assert "emailDomains" in refusal("--values=helm/igniteflow/values.yaml")


def test_the_example_of_the_readme_is_accepted() -> None:
    resources = render(
        "--set=replicaCount=3,image.repository=registry.example.com/igniteflow,image.tag=1.2.3",
        "--set=spark.driver.memory=4g,spark.executor.instances=5,spark.executor.memory=8g",
        "--set=monitoring.serviceMonitor.enabled=true,mlflow.enabled=false",
        "--set=autoscaling.enabled=true,autoscaling.maxReplicas=10",
    )
    assert resources
