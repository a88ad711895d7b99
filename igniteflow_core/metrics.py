"""Metrics of custom code, which share the platform's metrics of the same name."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from igniteflow_core.errors import PermanentError
from igniteflow_core.telemetry import metrics as platform

Kind = TypeVar("Kind", Gauge, Counter, Histogram)

_PREFIX: Final = "igniteflow_"
_known: dict[str, MetricWrapperBase] = {
    next(iter(metric.describe())).name: metric
    for metric in vars(platform).values()
    if isinstance(metric, MetricWrapperBase)
}


class MetricError(PermanentError):
    """A metric was used with labels or a kind that it does not have."""


class MetricsCollector:
    """Sets metrics by their names, with or without the prefix ``igniteflow_``.

    A new name creates a metric, whose labels are those of its first use.
    """

    def record_model_metrics(
        self,
        model_name: str,
        version: str,
        *,
        accuracy: float,
        precision: float,
        recall: float,
        f1_score: float,
    ) -> None:
        """Set the quality metrics of a model version, each from 0 to 1."""
        model = {"model_name": model_name, "version": version}
        self.gauge("model_accuracy", accuracy, model)
        self.gauge("model_precision", precision, model)
        self.gauge("model_recall", recall, model)
        self.gauge("model_f1_score", f1_score, model)

    def gauge(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Set a gauge."""
        _with_labels(_metric(Gauge, name, labels), name, labels).set(value)

    def count(self, name: str, number: float = 1, labels: Mapping[str, str] | None = None) -> None:
        """Add to a counter."""
        _with_labels(_metric(Counter, name, labels), name, labels).inc(number)

    def observe(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Add a value to a histogram."""
        _with_labels(_metric(Histogram, name, labels), name, labels).observe(value)

    @contextmanager
    def timer(self, name: str, labels: Mapping[str, str] | None = None) -> Iterator[None]:
        """Observe the seconds that the block takes, as ``igniteflow_<name>_seconds``."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.observe(f"{name}_seconds", time.perf_counter() - started, labels)


def _metric(kind: type[Kind], name: str, labels: Mapping[str, str] | None) -> Kind:
    full = _PREFIX + name.removeprefix(_PREFIX).removesuffix("_total")
    metric = _known.get(full)
    if metric is None:
        metric = kind(full, name, tuple(labels or ()), registry=platform.REGISTRY)
        _known[full] = metric
    if not isinstance(metric, kind):
        raise MetricError(
            f"{full} is a {type(metric).__name__.lower()}, not a {kind.__name__.lower()}",
            where=name,
            fix="give the metric another name",
        )
    return metric


def _with_labels(metric: Kind, name: str, labels: Mapping[str, str] | None) -> Kind:
    try:
        return metric.labels(**labels) if labels else metric
    except ValueError as error:
        raise MetricError(
            f"the metric has other labels than {', '.join(labels or ())}",
            where=name,
            fix="use the labels of its first use",
        ) from error
