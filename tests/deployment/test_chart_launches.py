"""Dagster launches, follows and ends runs and steps on a real Kubernetes API.

Each with the token of its own service account, by the chart's configuration. No pod ever runs.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster_k8s.client import DagsterK8sUnrecoverableAPIError
from kubernetes.client import ApiException

from tests.deployment.chart import Resource, named
from tests.deployment.chart_release import Release, in_a_pod, new_release, pod
from tests.deployment.kube_apiserver import KubeApiserver
from tests.deployment.test_chart_dagster import small_job
from tests.deployment.test_chart_steps import stepwise_job

pytestmark = pytest.mark.slow


@contextmanager
def dagster_of(release: Release, component: str, home: Path) -> Iterator[dg.DagsterInstance]:
    """As the component's pod opens it, with the records in a folder: there is no Postgres here."""
    text = named(release.asked(), "ConfigMap", "dagster")["data"]["dagster.yaml"]
    configuration = {k: v for k, v in yaml.safe_load(text).items() if k != "storage"}
    home.joinpath("dagster.yaml").write_text(yaml.safe_dump(configuration))
    with in_a_pod(release, component, home), dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def path_of_jobs(release: Release) -> str:
    return f"/apis/batch/v1/namespaces/{release.namespace}/jobs"


def jobs(release: Release) -> list[Resource]:
    """But for those that wait for the garbage collector, which is not here, to take them away."""
    found: list[Resource] = release.api.stored(path_of_jobs(release))["items"]
    return [job for job in found if "deletionTimestamp" not in job["metadata"]]


def new_run(instance: dg.DagsterInstance) -> str:
    origin = dg.reconstructable(small_job).get_python_origin()
    return instance.create_run_for_job(small_job, job_code_origin=origin).run_id


def known(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run


def test_the_daemon_launches_and_follows_a_run_which_the_webserver_ends(
    prod_release: Release, tmp_path: Path
) -> None:
    with dagster_of(prod_release, "daemon", tmp_path) as instance:
        run_id = new_run(instance)
        instance.launch_run(run_id, workspace=None)
        (job,) = jobs(prod_release)
        template = job["spec"]["template"]
        assert template["spec"]["serviceAccountName"] == "igniteflow-run"
        created = prod_release.api.create(pod(template), prod_release.namespace)
        assert created.status_code == 201, created.text
        launcher = instance.run_launcher
        health = launcher.check_run_worker_health(known(instance, run_id))
        assert health.status.name == "RUNNING", health.msg
        report = launcher.get_run_worker_debug_info(known(instance, run_id))
        assert f"Debug information for pod {created.json()['metadata']['name']}" in (report or "")
        assert "No warning events for pod" in (report or "")
    with dagster_of(prod_release, "webserver", tmp_path) as instance:
        assert instance.run_launcher.terminate(run_id)
    assert jobs(prod_release) == []
    assert ("Pod", created.json()["metadata"]["name"]) not in prod_release.everything()


def test_the_webserver_cannot_launch_a_run(prod_release: Release, tmp_path: Path) -> None:
    with dagster_of(prod_release, "webserver", tmp_path) as instance:
        run_id = new_run(instance)
        with pytest.raises(DagsterK8sUnrecoverableAPIError) as refused:
            instance.launch_run(run_id, workspace=None)
    assert isinstance(refused.value.__cause__, ApiException)
    assert refused.value.__cause__.status == 403
    assert jobs(prod_release) == []


def watched_job() -> dg.JobDefinition:
    """Dagster keeps what a function once made, with its settings, so this test has its own."""
    return stepwise_job()


def taken_away(release: Release, ended: Event) -> Resource:
    """The Job of a step, as soon as there is one; without it the step has failed."""
    while not (found := jobs(release)):
        assert not ended.wait(0.2)
    (job,) = found
    path = f"{path_of_jobs(release)}/{job['metadata']['name']}"
    release.api.ask("DELETE", path, propagationPolicy="Background").raise_for_status()
    return job


def test_a_run_launches_its_steps_and_notices_when_one_vanishes(
    kubernetes_api: KubeApiserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = new_release(kubernetes_api, "prod", "steps")
    release.install("--set=execution.executor=k8s")
    settings = tmp_path / "settings.json"
    settings.write_text(named(release.asked(), "ConfigMap", "settings")["data"]["settings.json"])
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(settings))
    with (
        dagster_of(release, "run", tmp_path) as instance,
        ThreadPoolExecutor(1) as pool,
    ):
        ended = Event()
        watched = pool.submit(taken_away, release, ended)
        try:
            result: Any = dg.execute_job(dg.reconstructable(watched_job), instance)
        finally:
            ended.set()
    assert not result.success
    template = watched.result()["spec"]["template"]
    assert template["spec"]["serviceAccountName"] == "igniteflow-run"
    answer = release.api.tried(pod(template), release.namespace)
    assert answer.status_code == 201, answer.text
