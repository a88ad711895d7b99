from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from igniteflow_cli.prune import delete_runs_before


@dg.op
def nothing() -> None:
    pass


@dg.job
def done() -> None:
    nothing()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def test_old_runs_that_have_ended_are_deleted(instance: dg.DagsterInstance) -> None:
    run = done.execute_in_process(instance=instance)
    assert delete_runs_before(instance, datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert instance.get_run_by_id(run.run_id) is None


def test_newer_runs_and_runs_under_way_stay(instance: dg.DagsterInstance) -> None:
    newer = done.execute_in_process(instance=instance).run_id
    assert delete_runs_before(instance, datetime.now(UTC) - timedelta(days=1)) == 0
    under_way = instance.create_run_for_job(done, status=dg.DagsterRunStatus.STARTED).run_id
    assert delete_runs_before(instance, datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert instance.get_run_by_id(newer) is None
    assert instance.get_run_by_id(under_way) is not None
