"""Tables taken back and maintained by runs, and what the audit log says of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlparse

import dagster as dg
import pytest
from pyspark.sql import DataFrame

from igniteflow_assets.audit.audit_log import audit_log, audit_log_is_whole
from igniteflow_assets.definitions import defs
from igniteflow_assets.lake.table_maintenance import table_maintenance
from igniteflow_assets.lake.table_profiles import table_profiles
from igniteflow_assets.lake.table_restore import RestoreConfig, table_restore_job
from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import ConfigurationError
from igniteflow_resources.platform import platform_resources

pytestmark = pytest.mark.spark


@dg.asset(config_schema={"ids": [int]}, required_resource_keys={"spark"})
def orders(context: dg.AssetExecutionContext) -> DataFrame:
    rows = [(each,) for each in context.op_execution_context.op_config["ids"]]
    return context.resources.spark.session.createDataFrame(rows, "id int")


class Lake:
    """One lake and one Dagster instance, and what a test does with them."""

    def __init__(self, spark, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.root = settings.lake.root
        self.spark = spark
        self._run = {"resources": platform_resources(settings), "instance": instance}

    def order(self, *ids: int) -> None:
        config = {"ops": {"orders": {"config": {"ids": list(ids)}}}}
        assert dg.materialize([orders], run_config=config, **self._run).success

    def restore(self, **config: object) -> dg.ExecuteInProcessResult:
        return table_restore_job.execute_in_process(
            run_config={"ops": {"restore_table": {"config": config}}},
            tags={"user": "someone"},
            **self._run,
        )

    def log(self) -> dg.AssetCheckEvaluation:
        result = dg.materialize([audit_log, audit_log_is_whole], raise_on_error=False, **self._run)
        (check,) = result.get_asset_check_evaluations()
        return check

    def maintain(self) -> dict[str, object]:
        result = dg.materialize([table_maintenance], **self._run)
        (made,) = result.asset_materializations_for_node("table_maintenance")
        return {name: value.value for name, value in made.metadata.items()}

    def profile(self, days: int) -> Mapping[str, dg.MetadataValue]:
        result = dg.materialize(
            [table_profiles],
            run_config={"ops": {"table_profiles": {"config": {"days": days}}}},
            **self._run,
        )
        (made,) = result.asset_materializations_for_node("table_profiles")
        return made.metadata

    def table(self, name: str) -> DataFrame:
        return self.spark.read.format("delta").load(f"{self.root}/{name}")


@pytest.fixture
def lake(spark, workspace) -> Iterator[Lake]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Lake(spark, workspace, instance)


def test_a_restore_is_in_the_audit_log_with_who_did_it_and_why(lake):
    lake.order(1, 2)
    lake.order(3)
    run_id = lake.restore(table="orders", version=0, reason="the delivery was wrong").run_id
    assert sorted(row.id for row in lake.table("orders").collect()) == [1, 2]

    assert lake.log().passed
    (entry,) = lake.table("audit_log").where(f"run_id = '{run_id}'").collect()
    assert (entry.subject, entry.actor, entry.job) == (
        "orders", "user someone", "table_restore_job",
    )  # fmt: skip
    assert '"restored_to_version": 0' in entry.facts
    assert '"reason": "the delivery was wrong"' in entry.facts


def test_the_audit_log_is_followed_from_the_last_look_of_the_day_and_still_found_altered(lake):
    lake.order(1)
    first = lake.log()
    assert (first.passed, first.metadata["followed_from"].value) == (True, 1)
    lake.order(2)
    second = lake.log()
    assert second.passed
    assert second.metadata["followed_from"].value == first.metadata["entries"].value
    assert second.metadata["entries"].value > first.metadata["entries"].value

    path = f"delta.`{lake.root}/audit_log`"
    lake.spark.sql(f"ALTER TABLE {path} UNSET TBLPROPERTIES ('delta.appendOnly')")
    last = second.metadata["entries"].value
    lake.spark.sql(f"UPDATE {path} SET facts = '[]' WHERE sequence = {last}")
    altered = lake.log()
    assert not altered.passed
    assert altered.description == f"entry {last} was altered after it was written"
    assert lake.log().metadata["followed_from"].value == 1


def test_maintenance_looks_after_every_table_that_was_written_and_says_what_it_did(lake):
    lake.order(1)
    lake.log()
    scores = lake.spark.createDataFrame([(1,)], "id int")
    for _ in range(3):
        scores.coalesce(1).write.format("delta").mode("append").save(f"{lake.root}/stream_scores")
    told = lake.maintain()
    assert told["tables"] == 3
    assert told["files_before"] - told["files_after"] >= 2
    assert told["bytes_reclaimed"] == 0
    assert "stream_scores" in told["by_table"]
    assert lake.table("stream_scores").count() == 3
    assert lake.table("orders").count() == 1


def test_profiles_hold_each_column_of_each_table_by_its_newest_days(lake):
    lake.order(1, 2, 2)
    lake.spark.sql(
        "SELECT explode(sequence(date'2025-03-01', date'2025-03-10')) AS event_date, "
        "nullif(day(event_date), 9) AS amount, 'shop' AS kind"
    ).write.format("delta").save(f"{lake.root}/stream_scores")
    made = lake.profile(days=4)

    profiles = [dict(record.data) for record in made["column_profiles"].records]
    records = {(each["table"], each["column"]): each for each in profiles}
    assert records["orders", "id"] == {
        "table": "orders", "column": "id", "rows": 3, "nulls": 0, "distinct": 2,
    }  # fmt: skip
    amount = records["stream_scores", "amount"]
    assert (amount["rows"], amount["nulls"], amount["distinct"]) == (4, 1, 3)
    page = Path(urlparse(made["page"].value).path).read_text(encoding="utf-8")
    assert "4 rows, 2025-03-07 to 2025-03-10" in page
    # Values that occur once have no bars: there are plots of orders.id and stream_scores.kind.
    assert page.count("data:image/png;base64,") == 2


@pytest.mark.parametrize(
    "target",
    [{}, {"version": 1, "timestamp": "2025-03-01T08:00:00Z"}, {"timestamp": "2025-03-01"},
     {"timestamp": "yesterday"}],
    ids=["none", "both", "without a zone", "no time"],
)  # fmt: skip
def test_a_restore_names_one_version(target):
    with pytest.raises(ConfigurationError, match="do not identify a version"):
        RestoreConfig(table="orders", reason="r", **target).target()


def test_upkeep_is_scheduled_and_part_of_no_other_job():
    repository = defs.get_repository_def()
    schedule = repository.get_schedule_def("maintenance_schedule")
    assert schedule.job_name == "maintenance_job"
    keys = defs.resolve_job_def("main_job").asset_layer.executable_asset_keys
    assert not {dg.AssetKey("table_maintenance"), dg.AssetKey("table_profiles")} & set(keys)
