from collections.abc import Iterator

import dagster as dg
import pytest

from igniteflow_assets.definitions import defs
from igniteflow_assets.monitoring.performance_sensor import (
    performance_sensor,
    recommendation_performance_sensor,
)

REPOSITORY = defs.get_repository_def()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def judge(
    instance,
    champion: str,
    *,
    dropped: bool,
    previous_is_better: bool = False,
    asset: str = "fraud_performance",
) -> None:
    """What a materialization of an asset that judges leaves behind."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset,
            metadata={
                "model_version": champion,
                "performance_dropped": dropped,
                "previous_is_better": previous_is_better,
                "verdict": "average precision 0.5, at promotion 0.8",
            },
        )
    )


def tick(
    instance, cursor: str | None, sensor: dg.SensorDefinition = performance_sensor
) -> tuple[list[dg.RunRequest], str]:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=REPOSITORY, sensor_name=sensor.name
    )
    data = sensor.evaluate_tick(context)
    return list(data.run_requests or []), data.cursor


def test_a_champion_that_keeps_its_promise_is_left_alone(instance):
    judge(instance, "3", dropped=False)
    assert tick(instance, None)[0] == []


def test_a_champion_worse_than_the_one_before_is_rolled_back_with_the_reason(instance):
    judge(instance, "3", dropped=True, previous_is_better=True)
    ((request,), _) = tick(instance, None)
    assert request.job_name == "fraud_rollback_job"
    config = request.run_config["ops"]["fraud_champion"]["config"]
    assert (config["action"], config["version"]) == ("roll_back", "3")
    assert "average precision 0.5, at promotion 0.8" in config["reason"]


def test_where_the_one_before_is_no_better_another_is_trained(instance):
    judge(instance, "3", dropped=True)
    ((request,), _) = tick(instance, None)
    assert request.job_name == "fraud_training_job"
    assert request.tags["igniteflow/reason"] == "performance_dropped"


@pytest.mark.parametrize(
    ("previous_is_better", "job"),
    [(True, "recommendation_rollback_job"), (False, "recommendation_training_job")],
)
def test_a_recommender_that_has_fallen_is_rolled_back_or_trained_anew_as_the_fraud_model_is(
    instance, previous_is_better, job
):
    judge(
        instance, "3", dropped=True, previous_is_better=previous_is_better,
        asset="recommendation_performance",
    )  # fmt: skip
    ((request,), _) = tick(instance, None, recommendation_performance_sensor)
    assert request.job_name == job
    assert set(request.run_config.get("ops", {})) <= {"recommendation_champion"}
    assert tick(instance, None)[0] == []


def test_one_champion_sets_off_one_run_however_often_it_is_judged(instance):
    judge(instance, "3", dropped=True)
    requests, cursor = tick(instance, None)
    assert len(requests) == 1
    judge(instance, "3", dropped=True)
    requests, cursor = tick(instance, cursor)
    assert requests == []
    judge(instance, "4", dropped=True)
    assert len(tick(instance, cursor)[0]) == 1


def test_a_sensor_that_is_switched_on_late_or_reset_begins_at_the_newest_record(instance):
    for champion in ("1", "2", "3"):
        judge(instance, champion, dropped=True, previous_is_better=True)
    judge(instance, "4", dropped=False)
    requests, cursor = tick(instance, None)
    assert requests == []
    judge(instance, "4", dropped=True)
    ((request,), _) = tick(instance, cursor)
    assert request.tags["igniteflow/champion"] == "4"


def test_nothing_is_asked_for_a_model_that_no_longer_serves(instance):
    _, cursor = tick(instance, None)
    judge(instance, "1", dropped=True)
    judge(instance, "3", dropped=True, previous_is_better=True)
    instance.report_runless_asset_event(
        dg.AssetMaterialization("fraud_champion", metadata={"champion_version": "5"})
    )
    requests, cursor = tick(instance, cursor)
    assert requests == []
    judge(instance, "5", dropped=True)
    ((request,), _) = tick(instance, cursor)
    assert request.job_name == "fraud_training_job"


def serve(instance, champion: str) -> None:
    """What a materialization of fraud_champion leaves behind."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization("fraud_champion", metadata={"champion_version": champion})
    )


def test_a_sensor_that_lost_its_cursor_asks_for_the_run_that_the_champion_has(instance):
    serve(instance, "3")
    judge(instance, "3", dropped=True)
    ((first,), _) = tick(instance, None)
    serve(instance, "3")  # a challenger that was refused
    judge(instance, "3", dropped=True)
    ((again,), _) = tick(instance, None)
    assert again.run_key == first.run_key


def test_a_champion_that_serves_again_is_answered_again(instance):
    serve(instance, "3")
    judge(instance, "3", dropped=True, previous_is_better=True)
    ((first,), cursor) = tick(instance, None)
    serve(instance, "2")
    serve(instance, "3")
    judge(instance, "3", dropped=True, previous_is_better=True)
    ((second,), _) = tick(instance, cursor)
    assert second.run_key != first.run_key


def test_a_champion_is_not_answered_again_because_older_records_were_deleted(instance):
    serve(instance, "2")
    serve(instance, "3")
    judge(instance, "3", dropped=True)
    ((_,), cursor) = tick(instance, None)
    instance.wipe_assets([dg.AssetKey("fraud_champion")])
    serve(instance, "3")
    judge(instance, "3", dropped=True)
    assert tick(instance, cursor)[0] == []


def test_a_champion_that_has_recovered_is_left_alone(instance):
    _, cursor = tick(instance, None)
    judge(instance, "3", dropped=True)
    judge(instance, "3", dropped=False)
    assert tick(instance, cursor)[0] == []


def test_the_rollback_job_is_set_to_roll_back_when_launched_by_hand():
    job = defs.resolve_job_def("fraud_rollback_job")
    assert job.run_config["ops"]["fraud_champion"]["config"]["action"] == "roll_back"


def test_an_event_that_was_reported_by_hand_is_passed_over(instance):
    instance.report_runless_asset_event(dg.AssetMaterialization("fraud_performance"))
    judge(instance, "3", dropped=True)
    ((request,), _) = tick(instance, None)
    assert request.job_name == "fraud_training_job"


@pytest.mark.parametrize("cursor", ["7", '{"seen": 1}', "[1]"])
def test_after_an_upgrade_a_cursor_that_cannot_be_read_begins_at_the_newest_record(
    instance, cursor
):
    judge(instance, "2", dropped=True)
    judge(instance, "3", dropped=False)
    requests, cursor = tick(instance, cursor)
    assert requests == []
    judge(instance, "3", dropped=True)
    ((request,), _) = tick(instance, cursor)
    assert request.job_name == "fraud_training_job"
