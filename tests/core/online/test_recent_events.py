import pytest

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.errors import PermanentError
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.recent_events import RecentEvent, add_events, read_events

SETTINGS = RecommendationSettings()
HISTORY = UserHistory({"a": 2.0}, ("a", "disliked"), "s", {"b": 0.5}, "3", counted=("old",))


def event(item, action, rating=None, at=1, feedback_id=None):
    return RecentEvent(feedback_id or f"{item}-{action}-{at}", item, action, at, rating)


def after(*events, settings=SETTINGS):
    return add_events(HISTORY, events, settings)


def test_a_line_gives_the_event_that_made_it():
    events = [event("a\n\u2028", "view"), event("b", "rating", 4.5)]
    assert read_events(b"".join(each.to_line() for each in events)) == events


@pytest.mark.parametrize(
    "line", [b"x\n", b"[]\n", b'["i","a","view",1.5,null]\n', b'["i","a",null,1,null]\n', b"1\n"]
)
def test_a_line_that_is_none_is_an_error(line):
    with pytest.raises(PermanentError, match="events in the online store"):
        read_events(line)


def test_an_event_adds_its_weight_and_hides_its_item():
    history = after(event("b", "purchase"), event("a", "view"))
    assert history.liked == {"a": 3.0, "b": 5.0}
    assert history.seen == ("a", "disliked", "b")


def test_the_list_of_the_batch_is_gone_once_there_is_something_new():
    assert (after(event("b", "view")).recommended, after(event("b", "view")).model_version) == (
        {},
        None,
    )
    assert after(event("b", "view", feedback_id="old")) is HISTORY


def test_an_event_that_was_taken_twice_counts_once():
    assert after(event("b", "view"), event("b", "view")).liked["b"] == 1.0


@pytest.mark.parametrize("dislike", [event("a", "hide"), event("a", "rating", 2.0)])
def test_a_dislike_takes_the_preference_back_and_the_item_stays_seen(dislike):
    history = after(dislike, event("a", "purchase", at=2))
    assert history.liked == {}
    assert "a" in history.seen


def test_what_the_batch_knows_as_disliked_is_liked_by_a_rating_alone():
    assert "disliked" not in after(event("disliked", "purchase")).liked
    assert after(event("disliked", "rating", 5.0)).liked["disliked"] == 3.0


def test_events_count_in_the_order_of_their_times():
    history = after(event("b", "rating", 5.0, at=9), event("b", "hide", at=3))
    assert history.liked["b"] == 3.0


def test_an_action_that_the_settings_no_longer_name_is_seen_and_no_preference():
    history = after(event("b", "wave"))
    assert "b" in history.seen
    assert history.liked == {"a": 2.0}


def test_binary_preferences_all_weigh_one():
    binary = RecommendationSettings(preference="binary")
    assert after(event("b", "purchase"), settings=binary).liked == {"a": 1.0, "b": 1.0}
