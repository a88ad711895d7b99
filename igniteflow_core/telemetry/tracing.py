"""OpenTelemetry traces, sent to a collector if the settings name one."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased

from igniteflow_core.config.telemetry import TelemetrySettings

_tracer = trace.get_tracer("igniteflow")


@contextmanager
def child_span(name: str) -> Iterator[None]:
    """A child of the current span; without a recorded span, this does nothing."""
    if trace.get_current_span().is_recording():
        with _tracer.start_as_current_span(name):
            yield
    else:
        yield


def configure_tracing(service: str, settings: TelemetrySettings) -> TracerProvider | None:
    """Send this process's spans to the collector; without a collector, spans cost almost nothing.

    Args:
        service: name of the process's part of the platform, such as ``serving``.
        settings: collector and sampling.

    Returns:
        The provider, to be shut down at the end so that no span is lost; None without a collector.
    """
    if settings.otlp_endpoint is None:
        return None
    sampler = ParentBased(TraceIdRatioBased(settings.trace_sample_ratio))
    provider = tracer_provider(service, settings.otlp_endpoint, sampler)
    trace.set_tracer_provider(provider)
    return provider


def tracer_provider(
    service: str, otlp_endpoint: str, sampler: Sampler, ids: IdGenerator | None = None
) -> TracerProvider:
    """A provider that sends spans to a collector, independent of the process's own provider.

    Args:
        service: name of the part of the platform.
        otlp_endpoint: the collector's address.
        sampler: sampler that selects the traces to keep.
        ids: generator of the ids of traces and spans; None for random ones.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: f"igniteflow-{service}"}),
        sampler=sampler,
        id_generator=ids,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
    return provider
