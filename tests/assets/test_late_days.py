"""A day of transactions that is written again recomputes the features that look back on it."""

from datetime import date, timedelta

import dagster as dg
import pytest

from igniteflow_assets.definitions import defs
from igniteflow_assets.partitions import daily
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.compute import history_days

TRANSACTIONS, FEATURES = dg.AssetKey("transactions"), dg.AssetKey("fraud_features")
DAYS = list(daily.get_partition_keys())
LAST_COMPUTED = 20


@pytest.fixture
def instance():
    """Transactions of every day, features of all but the newest days."""
    with dg.DagsterInstance.ephemeral() as ephemeral:
        for day in DAYS:
            written(ephemeral, TRANSACTIONS, day)
        for day in DAYS[:LAST_COMPUTED]:
            written(ephemeral, FEATURES, day)
        yield ephemeral


def written(instance: dg.DagsterInstance, table: dg.AssetKey, day: str) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(table, partition=day))


def evaluate(instance: dg.DagsterInstance, cursor=None):
    return dg.evaluate_automation_conditions(
        defs, instance, cursor=cursor, asset_selection=dg.AssetSelection.assets(FEATURES)
    )


def requested(result) -> set[str]:
    return set(result.get_requested_partitions(FEATURES))


def test_nothing_runs_while_nothing_changes(instance):
    first = evaluate(instance)
    assert requested(first) == set()
    assert requested(evaluate(instance, first.cursor)) == set()


def test_a_late_day_recomputes_the_computed_days_it_touches_and_no_others(instance):
    cursor = evaluate(instance).cursor
    written(instance, TRANSACTIONS, DAYS[4])
    result = evaluate(instance, cursor)
    reach = history_days(timedelta(days=load_settings().fraud.label_delay_days))
    last = date.fromisoformat(DAYS[4]) + timedelta(days=reach)
    touched = {day for day in DAYS[4:LAST_COMPUTED] if date.fromisoformat(day) <= last}
    assert requested(result) == touched
    assert requested(evaluate(instance, result.cursor)) == set()
