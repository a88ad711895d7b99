"""Settings of logs and traces."""

from typing import Literal

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address


class TelemetrySettings(SettingsGroup):
    """``otlp_endpoint`` is the address of an OpenTelemetry collector (OTLP over HTTP), or None.

    ``trace_sample_ratio`` is the share of the traces started here that are kept; a trace that a
    caller has started follows the caller's decision. ``metrics_port`` is the port where the stream
    serves ``GET /metrics``, or None to disable it; the API serves it beside its other routes.
    ``push_gateway_url`` is Prometheus' Pushgateway, to which runs of the command line report their
    result; ``grafana_url`` is the address that alerts link to.
    """

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    otlp_endpoint: Address | None = None
    push_gateway_url: Address | None = None
    grafana_url: Address | None = None
    metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    trace_sample_ratio: float = Field(default=0.1, ge=0, le=1)
