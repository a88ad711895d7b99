import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from igniteflow_assets.definitions import defs
from igniteflow_assets.freshness import fresh_by, longest_interval
from igniteflow_assets.running import require_names
from igniteflow_assets.schedules import rhythms
from igniteflow_core.config.platform import ScheduleSettings
from igniteflow_core.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
SPECS = {spec.key: spec for spec in defs.resolve_all_asset_specs()}


def names(keys) -> list[str]:
    return sorted(key.path[-1] for key in keys)


def test_every_asset_runs_by_itself_and_for_a_stated_reason():
    graph = defs.resolve_asset_graph()
    scheduled = {key for rhythm in rhythms for key in rhythm.job.selection.resolve(graph)}
    conditions = {key: spec.automation_condition for key, spec in SPECS.items()}
    assert (
        names(
            key for key, condition in conditions.items() if key not in scheduled and not condition
        )
        == []
    )
    assert all(condition.get_label() for condition in conditions.values() if condition)
    assert all(rhythm.reason for rhythm in rhythms)


def test_every_asset_has_a_policy_that_says_when_it_is_too_old():
    assert names(key for key, spec in SPECS.items() if spec.freshness_policy is None) == []


@pytest.mark.parametrize(
    ("asset", "interval"),
    [
        ("transactions", timedelta(days=1)),
        ("online_features", timedelta(days=1)),
        ("decision_log", timedelta(hours=1)),
        ("fraud_champion", timedelta(days=7)),
        ("fraud_prequential_evaluation", timedelta(days=31)),
    ],
)
def test_an_asset_is_too_old_when_a_second_run_of_its_schedule_was_missed(asset, interval):
    policy = SPECS[dg.AssetKey(asset)].freshness_policy
    assert policy == dg.FreshnessPolicy.time_window(
        warn_window=1.25 * interval, fail_window=2 * interval
    )


def test_a_schedule_of_working_days_expects_nothing_on_the_weekend():
    assert longest_interval("0 2 * * 1-5") == timedelta(days=3)


def test_of_several_schedules_the_most_frequent_one_counts():
    assert fresh_by("0 4 * * 1", "10 * * * *") == fresh_by("10 * * * *")


def test_online_features_are_refreshed_once_after_their_inputs_have_changed():
    asset = defs.resolve_assets_def("online_features")
    condition = asset.automation_conditions_by_key[asset.key]
    with dg.DagsterInstance.ephemeral() as instance:
        asked = _Asked(condition, instance)
        assert asked.after() == 0
        assert asked.after("labels", "transactions") == 1
        assert asked.after() == 0
        assert asked.after("customers") == 1


class _Asked:
    """How often the automation asks for online_features, after each of some materializations."""

    def __init__(self, condition: dg.AutomationCondition, instance: dg.DagsterInstance) -> None:
        inputs = [
            dg.asset(name=name)(lambda: None)
            for name in ("customers", "terminals", "labels", "transactions")
        ]
        online = dg.asset(
            name="online_features",
            deps=["customers", "terminals", "labels", "transactions"],
            automation_condition=condition,
        )(lambda: None)
        self._defs = dg.Definitions(assets=[*inputs, online])
        self._instance, self._cursor = instance, None

    def after(self, *written: str) -> int:
        for name in written:
            self._instance.report_runless_asset_event(dg.AssetMaterialization(name))
        result = dg.evaluate_automation_conditions(self._defs, self._instance, cursor=self._cursor)
        self._cursor = result.cursor
        return result.total_requested


def test_names_of_schedules_that_there_are_not_are_refused():
    with pytest.raises(ConfigurationError, match=r"daily_schedul\b"):
        require_names(ScheduleSettings(running=("daily_schedul",)), ["daily_schedule"])


def test_the_settings_say_what_is_switched_on():
    some = ScheduleSettings(running=("drift_sensor",))
    assert (some.runs("drift_sensor"), some.runs("daily_schedule")) == (True, False)
    assert ScheduleSettings().runs("daily_schedule")
    assert not ScheduleSettings(running="none").runs("daily_schedule")


SWITCHED_ON = """
from igniteflow_assets.definitions import defs
repository = defs.get_repository_def()
starters = [*repository.schedule_defs, *repository.sensor_defs]
print(*{starter.default_status.value for starter in starters})
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "status"),
    [("local", "STOPPED"), ("dev", "RUNNING"), ("staging", "RUNNING"), ("prod", "RUNNING")],
)
def test_all_that_the_loop_needs_is_on_but_in_the_demo(environment, status):
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SWITCHED_ON],
        cwd=ROOT, env=os.environ | {"IGNITEFLOW_ENV": environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stdout.split() == [status], result.stderr
