"""Feedback from a real topic: taken as that of requests is, each message once."""

import json
import time
import uuid

import pytest

from igniteflow_core.errors import ConfigurationError
from tests.kafka_broker import kafka_broker
from tests.serving.test_recommend import outcome, ranked, recommended

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def followed(world, broker):
    """The world, whose API follows a topic of its own."""
    names = {f"{each}_topic": f"{each}-{uuid.uuid4().hex}" for each in ("feedback", "dead_letter")}
    broker.create_topics(*names.values())
    stream = world.settings.stream.model_copy(
        update={
            "brokers": broker.address,
            "group": uuid.uuid4().hex,
            "dead_letter_topic": names["dead_letter_topic"],
        }
    )
    followed = world.with_serving(feedback_topic=names["feedback_topic"])
    followed.settings = followed.settings.model_copy(update={"stream": stream})
    return followed


def until(found, expected):
    deadline = time.monotonic() + 60
    while (last := found()) != expected:
        assert time.monotonic() < deadline, last
        time.sleep(0.05)


def test_a_message_changes_the_next_list_and_what_is_no_feedback_is_a_dead_letter(
    followed, broker, recommender
):
    topic = followed.settings.serving.feedback_topic
    messages = [outcome("I9", "purchase"), outcome("I2", "hide"), outcome("I1", "wave"), [1]]
    expected = ranked(recommender, {"I1": 1.0, "I9": 5.0}, ["I2", "I3"], 5)
    with followed.client() as client:
        broker.send(topic, [json.dumps(each).encode() for each in messages])
        until(lambda: recommended(client), expected)
        letters = followed.settings.stream.dead_letter_topic
        until(
            lambda: sorted(each["reason"] for each in broker.committed_messages(letters)),
            ["invalid_feedback", "unknown_action"],
        )
    with followed.client() as client:
        # A server that takes over goes on where the last one ended.
        broker.send(topic, [json.dumps(outcome("I5", "view")).encode()])
        until(lambda: len(followed.log("feedback_log")), 3)
        assert recommended(client) == ranked(
            recommender, {"I1": 1.0, "I9": 5.0, "I5": 1.0}, ["I2", "I3"], 5
        )
    assert len({row["feedback_id"] for row in followed.log("feedback_log")}) == 3


def test_a_topic_without_brokers_is_a_mistake_that_is_named(world):
    client = world.with_serving(feedback_topic="feedback").client()
    with pytest.raises(ConfigurationError, match="no brokers"), client:
        pass
