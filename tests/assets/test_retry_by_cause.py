"""Which failed runs Dagster's daemon is to start again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

import igniteflow_cli
from igniteflow_assets.definitions import defs
from igniteflow_assets.retries import retry_by_cause
from igniteflow_core.errors import IgniteFlowError, OnlineStoreError, SourceSchemaError


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """As it is shipped for one machine."""
    shutil.copy(Path(igniteflow_cli.__file__).with_name("dagster.yaml"), tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def will_retry(instance: dg.DagsterInstance, error: type[IgniteFlowError]) -> bool:
    @dg.asset(hooks={retry_by_cause})
    def failing() -> None:
        raise error("it failed", where="here", fix="look")

    result = dg.materialize([failing], instance=instance, raise_on_error=False)
    assert not result.success
    return instance.get_run_by_id(result.run_id).tags["dagster/will_retry"] == "true"


def test_a_run_is_retried_if_the_cause_of_its_failure_may_pass(instance):
    assert will_retry(instance, OnlineStoreError)
    assert not will_retry(instance, SourceSchemaError)


def test_every_asset_and_check_is_retried_by_cause():
    without = [
        key
        for asset in [*defs.assets, *defs.asset_checks]
        if isinstance(asset, dg.AssetsDefinition) and retry_by_cause not in asset.hook_defs
        for key in [*asset.keys, *asset.check_keys]
    ]
    assert without == []
