"""Which step of which run a Spark job works for: its group, which Spark's UI and event log show.

Spark keeps the group by thread, and the steps of a run follow one another in one thread.
"""

import dagster as dg
from pyspark import SparkContext

_PROPERTIES = ("spark.jobGroup.id", "spark.job.description")


def job_group(run_id: str, step: str) -> str:
    """The name of the group of a step's jobs."""
    return f"{run_id}/{step}"


def group_by_step(spark: SparkContext) -> None:
    """Where a step is under way, put the jobs that this thread starts from now on in its group."""
    try:
        context = dg.OpExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return
    step = context.op_def.name
    spark.setJobGroup(job_group(context.run_id, step), f"{step}, run {context.run_id}")


def ungroup(spark: SparkContext) -> None:
    """Put the jobs that this thread starts from now on in no group."""
    for name in _PROPERTIES:
        spark.setLocalProperty(name, None)  # type: ignore[arg-type]  # null removes it
