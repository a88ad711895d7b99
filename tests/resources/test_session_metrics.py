import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from igniteflow_resources.spark.session_metrics import serve_session_metrics
from tests.local_server import free_port

pytestmark = pytest.mark.spark


def test_a_session_tells_its_executors_cores_and_memory(spark):
    port = free_port()
    serve_session_metrics(spark, port)

    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10, trust_env=False)

    told = {family.name: family for family in text_string_to_metric_families(answer.text)}
    (executors,) = told["igniteflow_spark_executors_active"].samples
    (cores,) = told["igniteflow_spark_cores_total"].samples
    # The driver of a local session is its only executor.
    assert executors.value == 1
    assert cores.value == spark.sparkContext.defaultParallelism
    memory = {
        sample.labels["component"]: sample.value
        for sample in told["igniteflow_memory_usage_bytes"].samples
    }
    assert memory["stream"] > 10 * 2**20
    assert memory["spark"] > 50 * 2**20
    assert executors.labels == cores.labels == {"app_id": spark.sparkContext.applicationId}
