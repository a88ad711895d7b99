"""A trace per run, with spans for the run and its steps and the Spark jobs of each step."""

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
"""Environment variable that Dagster's executor sets if each step runs in its own pod."""


class _RunIds(RandomIdGenerator):
    """Uses the run id as the trace id: both are 128 random bits, so one identifies the other."""

    def __init__(self, run_id: str) -> None:
        self._trace_id = UUID(run_id).int

    def generate_trace_id(self) -> int:
        return self._trace_id


class TracingResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """Sends the spans of a run to the collector, if one is configured.

    The trace id is the run id. If each step runs in its own process, each process adds its own
    span of the run to the trace.
    """

    otlp_endpoint: str | None = None

    _provider: TracerProvider | None = PrivateAttr(default=None)
    _run: trace.Span = PrivateAttr(default=trace.INVALID_SPAN)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Start the span of the run."""
        if self.otlp_endpoint is None or context.run is None:
            return
        run = context.run
        # Runs are rare compared with requests, so all of them are sampled.
        ids = _RunIds(run.run_id)
        self._provider = tracer_provider("run", self.otlp_endpoint, ALWAYS_ON, ids)
        self._run = self._provider.get_tracer("igniteflow").start_span(
            f"run {run.job_name}", Context(), attributes={"dagster.run_id": run.run_id}
        )

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Add the spans of the steps, end the span of the run, and flush unsent spans."""
        if self._provider is None or context.run is None or context.instance is None:
            return
        self._add_steps(
            self._provider.get_tracer("igniteflow"), context.instance, context.run.run_id
        )
        self._run.end()
        self._provider.shutdown()

    def _add_steps(self, tracer: trace.Tracer, instance: DagsterInstance, run_id: str) -> None:
        """Add a span for each step of this process, with Dagster's times and status."""
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
