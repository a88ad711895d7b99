"""Spark knows every property that the chart gives it, and reads its value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.java_gateway import launch_gateway

from tests.deployment.chart import Resource
from tests.deployment.test_chart_dagster import containers, variables

pytestmark = pytest.mark.spark

FREE = ("spark.executorEnv.", "spark.hadoop.")
"""What follows is for another program to know."""

DECLARE_PROPERTIES = (
    "org.apache.spark.internal.config.package$",
    "org.apache.spark.internal.config.Python$",
    "org.apache.spark.deploy.k8s.Config$",
    "org.apache.spark.sql.internal.SQLConf$",
    "org.apache.spark.sql.internal.StaticSQLConf$",
)


class KnownProperties:
    """The properties that Spark's own code declares."""

    def __init__(self, jvm: Any) -> None:
        self._config = jvm.org.apache.spark.internal.config
        self._map = jvm.java.util.HashMap
        for name in DECLARE_PROPERTIES:
            jvm.java.lang.Class.forName(name)

    def problem(self, name: str, value: str) -> str | None:
        """What Spark has against this property, or None."""
        entry = self._config.ConfigEntry.findEntry(name)
        if entry is None:
            return f"{name} is unknown"
        values = self._map()
        values.put(name, value)
        try:
            entry.readFrom(self._config.ConfigReader(values))
        except Py4JJavaError as error:
            return f"{name}: {error.java_exception.getMessage()}"
        return None


@pytest.fixture(scope="module")
def known() -> Iterator[KnownProperties]:
    gateway = launch_gateway()
    yield KnownProperties(gateway.jvm)
    gateway.shutdown()
    gateway.proc.kill()
    gateway.proc.wait()


def test_spark_knows_every_property_of_a_run(
    resources: list[Resource], known: KnownProperties
) -> None:
    (run,) = (container for container in containers(resources) if container["name"] == "run")
    properties = json.loads(variables(run)["IGNITEFLOW_SPARK__CONFIG"])
    assert "spark.kubernetes.container.image" in properties
    problems = [
        known.problem(name, value)
        for name, value in properties.items()
        if not name.startswith(FREE)
    ]
    assert [problem for problem in problems if problem] == []


def test_a_property_that_spark_does_not_know_or_cannot_read_would_be_found(
    known: KnownProperties,
) -> None:
    unknown = known.problem("spark.kubernetes.executor.podTemplate", "/etc/spark/executor.yaml")
    assert unknown == "spark.kubernetes.executor.podTemplate is unknown"
    wrong = known.problem("spark.executor.instances", "many")
    assert wrong is not None
    assert "many" in wrong
