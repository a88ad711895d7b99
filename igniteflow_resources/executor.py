"""Selects the executor that runs the steps of a run."""

from dagster import ExecutorDefinition, in_process_executor

from igniteflow_core.config.platform import ExecutionSettings
from igniteflow_core.errors import ConfigurationError


def executor(settings: ExecutionSettings) -> ExecutorDefinition:
    """Return an executor: one process and Spark session for all steps, or a pod for each step.

    Raises:
        ConfigurationError: the executor requires an extra that is not installed.
    """
    if settings.executor == "in_process":
        return in_process_executor
    try:
        from dagster_k8s import k8s_job_executor  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the executor k8s requires dagster-k8s",
            where="execution.executor",
            fix="install IgniteFlow with the extra: pip install 'igniteflow[k8s]'",
        ) from error
    pods: ExecutorDefinition = k8s_job_executor.configured(
        {
            "job_image": settings.k8s_image,
            "job_namespace": settings.k8s_namespace,
            **(
                {"service_account_name": settings.k8s_service_account}
                if settings.k8s_service_account
                else {}
            ),
        }
    )
    return pods
