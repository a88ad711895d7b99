"""A trace for each run: the run, the tables that it writes, and Spark's jobs that write them."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from dagster import ConfigurableResource, InitResourceContext
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from pydantic import PrivateAttr
from pyspark.sql import SparkSession

from igniteflow_core.telemetry.tracing import tracer_provider

_SPARK_GROUP = ("spark.jobGroup.id", "spark.job.description")


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
    _tracer: trace.Tracer = PrivateAttr(default_factory=trace.NoOpTracer)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Begin the span of the run."""
        if self.otlp_endpoint is None or context.run is None:
            return
        run = context.run
        # Runs are few beside requests: each is kept.
        ids = _RunIds(run.run_id)
        self._provider = tracer_provider("run", self.otlp_endpoint, ALWAYS_ON, ids)
        self._tracer = self._provider.get_tracer("igniteflow")
        self._run = self._tracer.start_span(
            f"run {run.job_name}", Context(), attributes={"dagster.run_id": run.run_id}
        )

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """End the span of the run, and send what has not been sent."""
        self._run.end()
        if self._provider is not None:
            self._provider.shutdown()

    @contextmanager
    def writing(self, table: str, run_id: str, session: SparkSession) -> Iterator[None]:
        """A span of one table with its Spark jobs, which Spark shows with table and run.

        Args:
            table: what is written.
            run_id: of the Dagster run.
            session: what writes it; jobs of other threads are not counted.
        """
        spark, group = session.sparkContext, f"{run_id}/{table}"
        parent = trace.set_span_in_context(self._run)
        with self._tracer.start_as_current_span(f"write {table}", parent) as span:
            spark.setJobGroup(group, f"{table}, run {run_id}")
            try:
                yield
            finally:
                for name in _SPARK_GROUP:
                    spark.setLocalProperty(name, None)  # type: ignore[arg-type]  # null removes it
                span.set_attributes(
                    {
                        "igniteflow.table": table,
                        "spark.app.id": spark.applicationId,
                        "spark.jobs": sorted(spark.statusTracker().getJobIdsForGroup(group)),
                    }
                )
