"""Metrics of code of one's own, by the names of the platform where they are the same."""

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
    """A metric was given labels or a kind that it does not have."""


class MetricsCollector:
    """Sets metrics by their names, with or without ``igniteflow_`` before them.

    A name that is new is a new metric, whose labels are those of its first use.
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
        """How good a version of a model is, each from 0 to 1."""
        model = {"model_name": model_name, "version": version}
        self.gauge("model_accuracy", accuracy, model)
        self.gauge("model_precision", precision, model)
        self.gauge("model_recall", recall, model)
        self.gauge("model_f1_score", f1_score, model)

    def gauge(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Set a value that goes up and down."""
        _with_labels(_metric(Gauge, name, labels), name, labels).set(value)

    def count(self, name: str, number: float = 1, labels: Mapping[str, str] | None = None) -> None:
        """Add to a count that only grows."""
        _with_labels(_metric(Counter, name, labels), name, labels).inc(number)

    def observe(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Add a value to a distribution."""
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
    found = _known.get(full)
    if found is None:
        found = kind(full, name, tuple(labels or ()), registry=platform.REGISTRY)
        _known[full] = found
    if not isinstance(found, kind):
        raise MetricError(
            f"{full} is a {type(found).__name__.lower()}, not a {kind.__name__.lower()}",
            where=name,
            fix="give the metric another name",
        )
    return found


def _with_labels(metric: Kind, name: str, labels: Mapping[str, str] | None) -> Kind:
    try:
        return metric.labels(**labels) if labels else metric
    except ValueError as error:
        raise MetricError(
            f"the metric has other labels than {', '.join(labels or ())}",
            where=name,
            fix="give the labels that its first use gave",
        ) from error
