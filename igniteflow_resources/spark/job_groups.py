"""Job groups that identify the step and run of a Spark job in Spark's UI and event log.

Spark stores the group per thread, and the steps of a run are executed in one thread.
"""

import dagster as dg
from pyspark import SparkContext

_PROPERTIES = ("spark.jobGroup.id", "spark.job.description")


def job_group(run_id: str, step: str) -> str:
    """Return the name of the job group of a step."""
    return f"{run_id}/{step}"


def group_by_step(spark: SparkContext) -> None:
    """Assign this thread's next jobs to the group of the current step, if there is one."""
    try:
        context = dg.OpExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return
    step = context.op_def.name
    spark.setJobGroup(job_group(context.run_id, step), f"{step}, run {context.run_id}")


def ungroup(spark: SparkContext) -> None:
    """Assign this thread's next jobs to no group."""
    for name in _PROPERTIES:
        spark.setLocalProperty(name, None)  # type: ignore[arg-type]  # null removes it
