"""A trace for each run: the run, its steps, and the Spark jobs of each step."""

import os
import time
from uuid import UUID

from dagster import ConfigurableResource, DagsterInstance, InitResourceContext
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.util.types import AttributeValue
from pydantic import PrivateAttr
from pyspark.sql import SparkSession

from igniteflow_core.telemetry.tracing import tracer_provider
from igniteflow_resources.spark.job_groups import job_group

_STEP_OF_POD = "DAGSTER_RUN_STEP_KEY"
"""Set by Dagster's executor where each step has a pod of its own."""


class _RunIds(RandomIdGenerator):
    """A run's id is 128 random bits, as a trace's is: who has the one can look up the other."""

    def __init__(self, run_id: str) -> None:
        self._trace_id = UUID(run_id).int

    def generate_trace_id(self) -> int:
        return self._trace_id


class TracingResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends the spans of a run to the collector, where the settings name one.

    The trace's id is the run's. Where each step has a process of its own, each has a span of the
    run in that trace.
    """

    otlp_endpoint: str | None = None

    _provider: TracerProvider | None = PrivateAttr(default=None)
    _run: trace.Span = PrivateAttr(default=trace.INVALID_SPAN)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Begin the span of the run."""
        if self.otlp_endpoint is None or context.run is None:
            return
        run = context.run
        # Runs are few beside requests: each is kept.
        ids = _RunIds(run.run_id)
        self._provider = tracer_provider("run", self.otlp_endpoint, ALWAYS_ON, ids)
        self._run = self._provider.get_tracer("igniteflow").start_span(
            f"run {run.job_name}", Context(), attributes={"dagster.run_id": run.run_id}
        )

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Add the spans of the steps, end that of the run, and send what has not been sent."""
        if self._provider is None or context.run is None or context.instance is None:
            return
        self._add_steps(
            self._provider.get_tracer("igniteflow"), context.instance, context.run.run_id
        )
        self._run.end()
        self._provider.shutdown()

    def _add_steps(self, tracer: trace.Tracer, instance: DagsterInstance, run_id: str) -> None:
        """A span for each step of this process, with times and outcome as Dagster recorded them."""
        own = os.environ.get(_STEP_OF_POD)
        for step in instance.get_run_step_stats(run_id, [own] if own else None):
            if step.start_time is None:
                continue
            span = tracer.start_span(
                step.step_key,
                trace.set_span_in_context(self._run),
                attributes={
                    "dagster.step_key": step.step_key,
                    **_spark_jobs(run_id, step.step_key),
                },
                start_time=_nanoseconds(step.start_time),
            )
            if step.status is not None and step.status.value == "FAILURE":
                span.set_status(trace.StatusCode.ERROR)
            span.end(_nanoseconds(step.end_time or time.time()))


def _spark_jobs(run_id: str, step: str) -> dict[str, AttributeValue]:
    session = SparkSession.getActiveSession()
    if session is None:
        return {}
    spark, group = session.sparkContext, job_group(run_id, step)
    return {
        "spark.app.id": spark.applicationId,
        "spark.job_group": group,
        "spark.jobs": sorted(spark.statusTracker().getJobIdsForGroup(group)),
    }


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
