"""``GET /metrics`` for a process without other routes."""

from prometheus_client import start_http_server

from igniteflow_core.telemetry.memory import resident_bytes
from igniteflow_core.telemetry.metrics import MEMORY_USAGE_BYTES, REGISTRY


def start_metrics_server(component: str, port: int) -> None:
    """Serve metrics on the port from a thread, including the memory of the component's process."""
    MEMORY_USAGE_BYTES.labels(component).set_function(resident_bytes)
    start_http_server(port, registry=REGISTRY)
