"""Which failed runs Dagster's daemon starts again: those whose cause may pass by itself."""

import dagster as dg

from igniteflow_resources.causes import is_retryable

RETRY_ON_FAILURE = "dagster/retry_on_asset_or_op_failure"
"""Dagster's tag of a run that is to be retried although a step failed, which is off by default."""


@dg.failure_hook(name="retry_by_cause")
def retry_by_cause(context: dg.HookContext) -> None:
    """Tag the run, so that a new process goes on from the step that failed.

    A new process rather than another attempt of the step: what is lost may be its Spark driver.
    """
    error = context.op_exception
    if error is not None and is_retryable(error):
        context.log.info(f"{type(error).__name__} may pass, so the run is to be retried")
        context.instance.add_run_tags(context.run_id, {RETRY_ON_FAILURE: "true"})
