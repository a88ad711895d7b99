import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from igniteflow_assets.definitions import defs
from igniteflow_assets.monitoring.drift_metadata import drift_metadata
from igniteflow_assets.monitoring.drift_sensor import drift_sensor, recommendation_drift_sensor
from igniteflow_assets.sensors import run_failure_alert
from igniteflow_resources.alerts import AlertDeliveryError, AlertResource

REPOSITORY = defs.get_repository_def()
daily_schedule = REPOSITORY.get_schedule_def("daily_schedule")
fraud_training_schedule = REPOSITORY.get_schedule_def("fraud_training_schedule")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def measure_drift(
    instance: dg.DagsterInstance,
    *features: str,
    asset: str = "feature_drift",
    day: str = "2025-03-01",
    champion: str = "1",
    learned_to: str | None = None,
) -> None:
    """What a materialization of a drift asset leaves behind."""
    learned = date.fromisoformat(learned_to or day)
    metadata = drift_metadata(date.fromisoformat(day), champion, features, learned)
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, metadata=metadata))


def tick(
    instance: dg.DagsterInstance,
    cursor: str | None,
    sensor: dg.SensorDefinition = drift_sensor,
) -> tuple[list[dg.RunRequest], str]:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=REPOSITORY, sensor_name=sensor.name
    )
    data = sensor.evaluate_tick(context)
    return list(data.run_requests or []), data.cursor


def test_an_episode_of_drift_requests_one_retraining_run_that_says_why(instance):
    requests, cursor = tick(instance, None)
    assert requests == []

    measure_drift(instance)
    requests, cursor = tick(instance, cursor)
    assert requests == []

    measure_drift(instance, "amount", "is_night", champion="4")
    (request,), cursor = tick(instance, cursor)
    assert request.tags["igniteflow/reason"] == "feature_drift"
    assert request.tags["igniteflow/drifted"] == "amount, is_night"
    assert request.tags["igniteflow/champion"] == "4"

    requests, cursor = tick(instance, cursor)
    assert requests == []
    measure_drift(instance, "amount", day="2025-03-20", champion="4")
    requests, cursor = tick(instance, cursor)
    assert requests == []

    measure_drift(instance, day="2025-03-21", champion="4")
    measure_drift(instance, "amount", day="2025-03-22", champion="4")
    requests, cursor = tick(instance, cursor)
    assert len(requests) == 1


def test_drift_of_the_scores_alone_requests_a_run_and_adds_none_to_that_of_features(instance):
    measure_drift(instance)
    measure_drift(instance, "score", asset="prediction_drift")
    (request,), cursor = tick(instance, None)
    assert request.tags["igniteflow/reason"] == "prediction_drift"
    assert request.tags["igniteflow/drifted"] == "score"
    measure_drift(instance, "amount", day="2025-03-20")
    assert tick(instance, cursor)[0] == []


def asked_for(instance, looks, cursor=None) -> list[tuple[str, str, str]]:
    """Day, columns and champion of each request, with a tick after each look."""
    found = []
    for day, champion, *features in looks:
        measure_drift(instance, *features, day=f"2025-03-{day}", champion=champion)
        requests, cursor = tick(instance, cursor)
        tags = [request.tags for request in requests]
        found += [(day, t["igniteflow/drifted"], t["igniteflow/champion"]) for t in tags]
    return found


@pytest.mark.parametrize(("cooldown", "second"), [("7", "08"), ("1", "03")])
def test_a_second_episode_waits_for_the_cool_down_of_the_settings(
    instance, monkeypatch, cooldown, second
):
    monkeypatch.setenv("IGNITEFLOW_DRIFT__COOLDOWN_DAYS", cooldown)
    looks = [("01", "1", "a"), ("02", "1"), ("03", "1", "b"), ("07", "1", "b"), ("08", "1", "b")]
    assert asked_for(instance, looks) == [("01", "a", "1"), (second, "b", "1")]


def test_drift_from_a_new_champions_training_is_answered_after_the_cool_down(instance):
    looks = [("01", "1", "a"), ("02", "2", "a"), ("08", "2", "a")]
    assert asked_for(instance, looks) == [("01", "a", "1"), ("08", "a", "2")]


def test_a_sensor_that_was_off_asks_for_the_drift_that_there_is_and_for_no_episode_before(instance):
    measure_drift(instance)
    _, cursor = tick(instance, None)
    for day, *features in (("01", "a"), ("02",), ("10", "b"), ("11",), ("20", "c"), ("21", "c")):
        measure_drift(instance, *features, day=f"2025-03-{day}")
    (request,), cursor = tick(instance, cursor)
    assert request.tags["igniteflow/drifted"] == "c"
    assert tick(instance, cursor)[0] == []


def test_a_sensor_that_lost_its_cursor_asks_for_the_run_that_the_episode_has(instance):
    measure_drift(instance, "a", day="2025-03-01")
    (first,), cursor = tick(instance, None)
    measure_drift(instance, "a", day="2025-03-02")
    measure_drift(instance, "score", asset="prediction_drift", day="2025-03-02")
    assert tick(instance, cursor)[0] == []
    (again,), _ = tick(instance, None)
    assert again.run_key == first.run_key


def test_a_sensor_sees_looks_whose_numbers_begin_anew(instance):
    measure_drift(instance, "a")
    (_,), cursor = tick(instance, None)
    later = json.loads(cursor) | {"seen": {"feature_drift": 1_000, "prediction_drift": 1_000}}
    measure_drift(instance, day="2025-03-10")
    measure_drift(instance, "b", day="2025-03-20")
    (request,), _ = tick(instance, json.dumps(later))
    assert request.tags["igniteflow/drifted"] == "b"


def let_serve(instance: dg.DagsterInstance, champion: str) -> None:
    """What a materialization of fraud_champion leaves behind."""
    metadata = {"champion_version": champion}
    instance.report_runless_asset_event(
        dg.AssetMaterialization("fraud_champion", metadata=metadata)
    )


def test_a_sensor_that_is_switched_on_late_or_reset_begins_at_the_newest_look(instance):
    for number in range(1, 91):
        drifted = ["a"] if number % 10 < 5 else []
        day = date(2025, 1, 1) + timedelta(days=number)
        measure_drift(instance, *drifted, day=day.isoformat(), champion=str(number // 30))
    (request,), cursor = tick(instance, None)
    assert request.tags["igniteflow/champion"] == "3"
    assert tick(instance, cursor)[0] == []
    (again,), _ = tick(instance, None)
    assert again.run_key == request.run_key


def test_drift_from_the_training_of_a_model_that_no_longer_serves_asks_for_nothing(instance):
    let_serve(instance, "1")
    _, cursor = tick(instance, None)
    measure_drift(instance, "a", champion="1")
    let_serve(instance, "2")
    requests, cursor = tick(instance, cursor)
    assert requests == []
    measure_drift(instance, "a", champion="2")
    (request,), _ = tick(instance, cursor)
    assert request.tags["igniteflow/champion"] == "2"


def test_retraining_for_drift_waits_until_a_training_would_learn_from_its_days(instance):
    measure_drift(instance, "amount", day="2025-03-01", learned_to="2025-02-15")
    requests, cursor = tick(instance, None)
    assert requests == []
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=REPOSITORY, sensor_name="drift_sensor"
    )
    assert "learn from the days to 2025-02-15" in drift_sensor.evaluate_tick(context).skip_message
    measure_drift(instance, "amount", day="2025-03-15", learned_to="2025-03-01")
    (request,), _ = tick(instance, cursor)
    assert request.tags["igniteflow/drifted"] == "amount"


@pytest.mark.parametrize("asset", ["interaction_drift", "recommendation_drift"])
def test_drift_of_likes_or_of_lists_retrains_the_recommender_and_no_other_model(instance, asset):
    measure_drift(instance, "is_unknown_item", asset=asset)
    (request,), _ = tick(instance, None, recommendation_drift_sensor)
    assert request.tags["igniteflow/reason"] == asset
    assert recommendation_drift_sensor.job.name == "recommendation_training_job"
    assert tick(instance, None)[0] == []


def test_a_tick_without_a_request_says_why(instance):
    measure_drift(instance, "a")
    _, cursor = tick(instance, None)
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, repository_def=REPOSITORY, sensor_name="drift_sensor"
    )
    skipped = drift_sensor.evaluate_tick(context).skip_message
    assert skipped == "retraining for this drift was requested on 2025-03-01"


def test_a_materialization_that_was_reported_by_hand_is_passed_over(instance):
    instance.report_runless_asset_event(dg.AssetMaterialization("feature_drift"))
    requests, cursor = tick(instance, None)
    assert requests == []
    measure_drift(instance, "a")
    assert len(tick(instance, cursor)[0]) == 1


@pytest.mark.parametrize("cursor", ["[2, true]", "{}x", '{"seen": 7}'])
def test_after_an_upgrade_a_cursor_that_cannot_be_read_begins_at_the_newest_look(instance, cursor):
    measure_drift(instance, "a", day="2025-03-01", champion="1")
    measure_drift(instance, day="2025-03-02", champion="2")
    requests, cursor = tick(instance, cursor)
    assert requests == []
    measure_drift(instance, "b", day="2025-03-20", champion="2")
    (request,), _ = tick(instance, cursor)
    assert request.tags["igniteflow/drifted"] == "b"


def test_after_an_upgrade_drift_that_is_there_is_answered(instance):
    measure_drift(instance, day="2025-03-01")
    measure_drift(instance, "a", day="2025-03-02")
    (request,), _ = tick(instance, "[1, false]")
    assert request.tags["igniteflow/drifted"] == "a"


def test_the_same_tick_twice_asks_for_the_same_run_key(instance):
    measure_drift(instance, "a")
    (first,), _ = tick(instance, None)
    (second,), _ = tick(instance, None)
    assert first.run_key == second.run_key


def test_daily_schedule_requests_the_day_before():
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2025, 1, 20, 2, tzinfo=UTC), repository_def=REPOSITORY
    )
    (request,) = daily_schedule.evaluate_tick(context).run_requests
    assert request.partition_key == "2025-01-19"


def test_after_the_last_partition_the_daily_schedule_asks_for_no_new_run():
    (last_day, month_later) = (
        daily_schedule.evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=time, repository_def=REPOSITORY)
        ).run_requests
        for time in (datetime(2025, 1, 25, 2, tzinfo=UTC), datetime(2025, 3, 1, 2, tzinfo=UTC))
    )
    # Dagster starts one run a run key.
    assert [request.run_key for request in month_later] == [request.run_key for request in last_day]


def test_training_schedule_requests_a_run():
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2025, 1, 20, 4, tzinfo=UTC), repository_def=REPOSITORY
    )
    assert len(fraud_training_schedule.evaluate_tick(context).run_requests) == 1


@pytest.mark.parametrize("job", ["main_job", "daily_job"])
def test_jobs_over_days_are_partitioned_by_day(job):
    assert defs.resolve_job_def(job).partitions_def is not None


class Webhook(HTTPServer):
    """Keeps what is posted to it and answers with ``status``."""

    def __init__(self, status: int) -> None:
        self.received: list[dict[str, object]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                server.received.append(json.loads(self.rfile.read(length)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keeps the test's output quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


@dg.op
def explode() -> None:
    raise RuntimeError("the disk is full")


@dg.job
def doomed() -> None:
    explode()


def failed_run_context(instance: dg.DagsterInstance) -> dg.RunFailureSensorContext:
    result = doomed.execute_in_process(instance=instance, raise_on_error=False)
    return dg.build_run_status_sensor_context(
        sensor_name="run_failure_alert",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
    ).for_run_failure()


def alerts_to(webhook, monkeypatch) -> AlertResource:
    monkeypatch.setenv("IGNITEFLOW_ALERTS__WEBHOOK_URL", webhook.url)
    return AlertResource()


def test_a_failed_run_is_told_to_the_webhook(instance, monkeypatch):
    webhook = Webhook(200)
    run_failure_alert(failed_run_context(instance), alerts=alerts_to(webhook, monkeypatch))
    webhook.shutdown()
    (alert,) = webhook.received
    assert alert["kind"] == "run_failure"
    assert alert["job"] == "doomed"
    assert alert["failed_steps"] == ["explode"]


def test_an_alert_that_is_refused_is_an_error_and_stays_in_the_log(caplog, monkeypatch):
    webhook = Webhook(500)
    with pytest.raises(AlertDeliveryError, match="not delivered"):
        alerts_to(webhook, monkeypatch).send("run_failure", {"job": "j"})
    webhook.shutdown()
    assert '"job": "j"' in caplog.text


def test_without_a_webhook_the_alert_is_logged(caplog):
    AlertResource().send("run_failure", {"job": "j"})
    assert '"kind": "run_failure"' in caplog.text
