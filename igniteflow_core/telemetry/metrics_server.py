"""``GET /metrics`` for a process that answers nothing else."""

from prometheus_client import start_http_server

from igniteflow_core.telemetry.memory import resident_bytes
from igniteflow_core.telemetry.metrics import MEMORY_USAGE_BYTES, REGISTRY


def start_metrics_server(component: str, port: int) -> None:
    """Answer on that port from a thread, with the memory of the process as that component's."""
    MEMORY_USAGE_BYTES.labels(component).set_function(resident_bytes)
    start_http_server(port, registry=REGISTRY)
