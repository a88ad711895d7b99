"""Days that are read again because rows of theirs have arrived late."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import dagster as dg
import pyarrow as pa
import pytest

from igniteflow_assets.definitions import defs
from igniteflow_assets.transactions.late_rows_sensor import late_rows_sensor
from igniteflow_assets.transactions.raw_transactions import READ_AT
from igniteflow_assets.transactions.transaction_arrivals import (
    DAYS,
    LOOKED_AT,
    NAME,
    look_for_arrivals,
)
from igniteflow_core.config.load import load_settings
from igniteflow_core.runs.days import RANGE_END, RANGE_START
from igniteflow_resources.platform import platform_resources

REPOSITORY = defs.get_repository_def()


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def hour(number):
    return dg.MetadataValue.timestamp(datetime(2025, 2, 1, number, tzinfo=UTC))


def read(instance, day, at):
    event = dg.AssetMaterialization("raw_transactions", partition=day, metadata={READ_AT: hour(at)})
    instance.report_runless_asset_event(event)


def look(instance, at, days):
    metadata = {LOOKED_AT: hour(at), DAYS: dg.MetadataValue.json(days)}
    instance.report_runless_asset_event(dg.AssetMaterialization(NAME, metadata=metadata))


def tick(instance, cursor=None):
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=REPOSITORY, sensor_name="late_rows_sensor"
    )
    data = late_rows_sensor.evaluate_tick(context)
    ranges = [(each.tags[RANGE_START], each.tags[RANGE_END]) for each in data.run_requests or []]
    return ranges, data


def test_days_that_were_read_before_their_rows_came_are_read_again(instance):
    for day in ("2025-01-06", "2025-01-07", "2025-01-09"):
        read(instance, day, at=2)
    look(instance, 3, {"2025-01-06": 1, "2025-01-07": 4, "2025-01-09": 2})
    ranges, data = tick(instance)
    assert ranges == [("2025-01-06", "2025-01-07"), ("2025-01-09", "2025-01-09")]
    assert {each.tags["igniteflow/reason"] for each in data.run_requests} == {NAME}


def test_a_look_is_answered_once_and_under_the_same_key_by_a_sensor_that_was_reset(instance):
    read(instance, "2025-01-06", at=2)
    look(instance, 3, {"2025-01-06": 1})
    _, first = tick(instance)
    assert tick(instance, first.cursor)[0] == []
    _, again = tick(instance)
    assert [each.run_key for each in again.run_requests] == [
        each.run_key for each in first.run_requests
    ]


def test_days_that_were_read_after_the_look_or_never_are_left_alone(instance):
    read(instance, "2025-01-06", at=4)
    look(instance, 3, {"2025-01-06": 1, "2025-01-07": 1})
    assert tick(instance)[0] == []


def test_an_event_that_was_reported_by_hand_says_nothing_of_arrivals(instance):
    read(instance, "2025-01-06", at=2)
    instance.report_runless_asset_event(dg.AssetMaterialization(NAME))
    assert tick(instance)[0] == []


def test_a_cursor_that_cannot_be_read_begins_anew(instance):
    read(instance, "2025-01-06", at=2)
    look(instance, 3, {"2025-01-06": 1})
    assert tick(instance, "{}")[0] == [("2025-01-06", "2025-01-06")]


GROWING = {"format": "delta", "watermark": "number", "columns": {"event_time": "at"}}
WHAT_A_GROWING_SOURCE_ADDS = """
import json, dagster as dg
from igniteflow_assets.definitions import defs

graph = defs.resolve_asset_graph()
arrivals = graph.get(dg.AssetKey("transaction_arrivals"))
raw = graph.get(dg.AssetKey("raw_transactions"))
print(json.dumps({
    "group": arrivals.group_name,
    "condition": arrivals.automation_condition.get_label(),
    "before_raw": arrivals.key in raw.parent_keys,
}))
"""


@pytest.mark.spark
def test_each_look_goes_on_where_the_last_one_ended(spark, workspace, tmp_path, monkeypatch):
    table = str(tmp_path / "growing")

    def grow(*times: str) -> None:
        numbers = range(grow.rows, grow.rows + len(times))
        grow.rows += len(times)
        rows = pa.table({"number": list(numbers), "at": list(times)})
        spark.createDataFrame(rows).write.format("delta").mode("append").save(table)

    grow.rows = 0
    source = json.dumps(GROWING | {"path": table})
    monkeypatch.setenv("IGNITEFLOW_SOURCES__TRANSACTIONS", source)
    arrivals = dg.asset(look_for_arrivals, name=NAME)
    with dg.DagsterInstance.ephemeral() as instance:

        def look() -> dict[str, object]:
            resources = platform_resources(load_settings())
            result = dg.materialize([arrivals], resources=resources, instance=instance)
            (made,) = result.asset_materializations_for_node(NAME)
            return made.metadata[DAYS].value

        grow("2025-01-07 10:00:00", "2025-01-07 11:00:00", "2025-01-08 10:00:00")
        assert look() == {"2025-01-07": 2, "2025-01-08": 1}
        assert look() == {}
        read(instance, "2025-01-07", at=2)
        grow("2025-01-07 12:00:00", "2025-01-09 12:00:00")
        assert look() == {"2025-01-07": 1, "2025-01-09": 1}
        assert tick(instance)[0] == [("2025-01-07", "2025-01-07")]
        # Another column has another order, by which nothing was looked at yet.
        monkeypatch.setenv(
            "IGNITEFLOW_SOURCES__TRANSACTIONS",
            json.dumps(GROWING | {"path": table, "watermark": "at"}),
        )
        assert look() == {"2025-01-07": 3, "2025-01-08": 1, "2025-01-09": 1}


def test_a_source_that_grows_has_its_arrivals_in_the_graph(tmp_path):
    source = json.dumps(GROWING | {"path": str(tmp_path)})
    printed = subprocess.run(
        [sys.executable, "-c", WHAT_A_GROWING_SOURCE_ADDS],
        env={**os.environ, "IGNITEFLOW_SOURCES__TRANSACTIONS": source},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(printed.splitlines()[-1]) == {
        "group": "transactions",
        "condition": "by_the_clock",
        "before_raw": True,
    }
    assert defs.resolve_asset_graph().has(dg.AssetKey(NAME)) is False
