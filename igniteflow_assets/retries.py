"""Selects the failed runs that Dagster's daemon retries: those with a retryable cause."""

import dagster as dg

from igniteflow_resources.causes import is_retryable

RETRY_ON_FAILURE = "dagster/retry_on_asset_or_op_failure"
"""Dagster's tag for retrying a run after a failed step, which is off by default."""


@dg.failure_hook(name="retry_by_cause")
def retry_by_cause(context: dg.HookContext) -> None:
    """Tag the run, so that it is retried from the failed step in a new process.

    A step retry in the same process would not help if the Spark driver was lost.
    """
    error = context.op_exception
    if error is not None and is_retryable(error):
        context.log.info(f"{type(error).__name__} is retryable, so the run will be retried")
        context.instance.add_run_tags(context.run_id, {RETRY_ON_FAILURE: "true"})
