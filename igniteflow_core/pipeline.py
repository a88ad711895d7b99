"""The base class of custom pipelines, which extract, transform and load data."""

import logging
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

from igniteflow_core.errors import PermanentError
from igniteflow_core.metrics import MetricsCollector

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class UnfinishedPipelineError(PermanentError):
    """A pipeline has neither ``run`` nor all of ``extract``, ``transform`` and ``load``."""


class BasePipeline:
    """Subclasses define ``extract``, ``transform`` and ``load``, or ``run``, or all of them.

    A subclass in a domain's folder becomes an asset, whose name is the class's in snake case.

    Args:
        spark: Spark session of the run.
        config: settings of the pipeline under ``pipelines.<name>``.

    Attributes:
        logger: logger named ``igniteflow.pipelines.<name>``.
        metrics: Prometheus metrics, by name.
    """

    def __init__(self, spark: "SparkSession", config: Mapping[str, Any] | None = None) -> None:
        self.spark = spark
        self.config: Mapping[str, Any] = config or {}
        self.logger = logging.getLogger(f"igniteflow.pipelines.{self.name()}")
        self.metrics = MetricsCollector()

    @classmethod
    def name(cls) -> str:
        """The class's name in snake case, ``CustomETLPipeline`` as ``custom_etl_pipeline``."""
        words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", cls.__name__)
        return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()

    def extract(self) -> Any:  # noqa: ANN401 - whatever the pipeline works on
        """Read the data."""
        raise self._missing("extract")

    def transform(self, data: Any) -> Any:  # noqa: ANN401 - the same
        """Transform the data into the result; by default it is returned unchanged."""
        return data

    def load(self, data: Any) -> None:  # noqa: ANN401 - the same
        """Write the result; must be idempotent."""
        raise self._missing("load")

    def run(self) -> Any:  # noqa: ANN401 - a mapping of facts, or nothing
        """Run all steps; a returned mapping is shown as metadata of the asset."""
        self.load(self.transform(self.extract()))

    @final
    def execute(self) -> dict[str, Any]:
        """Run, log the result and the duration, and return the metadata of ``run``."""
        started = time.perf_counter()
        job = {"job_name": self.name()}
        try:
            returned = self.run()
        except Exception:
            seconds = time.perf_counter() - started
            self.logger.exception("Pipeline failed", extra={**job, "duration_seconds": seconds})
            raise
        facts = dict(returned) if isinstance(returned, Mapping) else {}
        facts["duration_seconds"] = time.perf_counter() - started
        self.logger.info("Pipeline ended", extra={**job, **facts})
        return facts

    def _missing(self, method: str) -> UnfinishedPipelineError:
        return UnfinishedPipelineError(
            f"the pipeline has no {method}",
            where=f"{type(self).__module__}.{type(self).__name__}",
            fix="define extract, transform and load, or run",
        )
