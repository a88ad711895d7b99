from contextlib import suppress

import pytest
from mlflow import MlflowClient

from igniteflow_core.errors import MissingModelError
from igniteflow_core.intervals import Interval
from igniteflow_core.promotion import PromotionDecision, better_than_champion
from igniteflow_resources.mlflow.promotion import (
    previous_champion,
    roll_back,
    rolled_back_reason,
    settle_promotion,
)
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    PREVIOUS,
    RegisteredModel,
    model_tags,
    model_with_alias,
)

NAME = "fraud_ensemble"
BETTER = PromotionDecision((better_than_champion("AP", Interval(0.02, 0.01, 0.03), 0),))
NO_BETTER = PromotionDecision((better_than_champion("AP", Interval(0.0, -0.01, 0.01), 0),))


class KilledError(Exception):
    pass


class DyingClient(MlflowClient):
    """A client whose process dies before its n-th change of the registry."""

    changes_left = 1_000

    def _live_or_die(self) -> None:
        if self.changes_left == 0:
            raise KilledError
        self.changes_left -= 1

    def set_model_version_tag(self, *arguments, **options):
        self._live_or_die()
        return super().set_model_version_tag(*arguments, **options)

    def set_registered_model_alias(self, *arguments, **options):
        self._live_or_die()
        return super().set_registered_model_alias(*arguments, **options)

    def delete_registered_model_alias(self, *arguments, **options):
        self._live_or_die()
        return super().delete_registered_model_alias(*arguments, **options)

    def delete_model_version_tag(self, *arguments, **options):
        self._live_or_die()
        return super().delete_model_version_tag(*arguments, **options)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('registry')}/mlflow.db"


@pytest.fixture
def client(database, tmp_path) -> DyingClient:
    """A registry with three versions; the first serves."""
    client = DyingClient(database, database)
    for model in client.search_registered_models():
        client.delete_registered_model(model.name)
    client.create_registered_model(NAME)
    for _ in range(3):
        client.create_model_version(NAME, source="s3://bucket/model")
    settle_promotion(client, version(1), None, BETTER)
    return client


def version(number: int) -> RegisteredModel:
    return RegisteredModel(NAME, str(number), f"models:/{NAME}/{number}")


def serving(client: MlflowClient) -> tuple[str | None, str | None]:
    models = (model_with_alias(client, NAME, alias) for alias in (CHAMPION, PREVIOUS))
    return tuple(model.version if model else None for model in models)


def way_back(client: MlflowClient) -> str | None:
    previous = previous_champion(client, NAME)
    return previous.version if previous else None


def test_a_better_challenger_takes_over_and_the_old_champion_is_kept_as_previous(client):
    settle_promotion(client, version(2), version(1), BETTER)
    assert serving(client) == ("2", "1")
    assert model_tags(client, version(2))["promotion"] == "promoted"


def test_a_refusal_is_recorded_with_its_reason_and_changes_nothing(client):
    assert settle_promotion(client, version(2), version(1), NO_BETTER) == version(1)
    assert serving(client) == ("1", None)
    tags = model_tags(client, version(2))
    assert tags["promotion"] == "refused"
    assert "required: interval above +0.0000" in tags["promotion_reason"]


def test_settling_again_for_the_champion_itself_keeps_its_record(client):
    settle_promotion(client, version(2), version(1), BETTER)
    settle_promotion(client, version(2), version(2), NO_BETTER)
    assert serving(client) == ("2", "1")
    assert model_tags(client, version(2))["promotion"] == "promoted"


def test_a_first_challenger_that_is_refused_leaves_nothing_that_serves(client):
    client.delete_registered_model_alias(NAME, CHAMPION)
    with pytest.raises(MissingModelError, match="first version"):
        settle_promotion(client, version(2), None, NO_BETTER)
    assert serving(client) == (None, None)


def test_the_way_back_restores_the_one_before_and_marks_the_one_that_served(client):
    settle_promotion(client, version(2), version(1), BETTER)
    assert roll_back(client, NAME, "too many alerts") == version(1)
    assert serving(client) == ("1", None)
    assert rolled_back_reason(client, version(2)) == "too many alerts"
    assert rolled_back_reason(client, version(1)) is None


def test_there_is_one_way_back_only(client):
    settle_promotion(client, version(2), version(1), BETTER)
    roll_back(client, NAME, "bad")
    with pytest.raises(MissingModelError, match="no champion before version 1"):
        roll_back(client, NAME, "bad")


def test_a_request_to_take_back_a_version_does_nothing_to_another_that_serves_by_now(client):
    settle_promotion(client, version(2), version(1), BETTER)
    settle_promotion(client, version(3), version(2), BETTER)
    assert roll_back(client, NAME, "bad", "2") == version(3)
    assert serving(client) == ("3", "2")
    assert roll_back(client, NAME, "bad", "3") == version(2)
    assert roll_back(client, NAME, "bad", "3") == version(2)


@pytest.mark.parametrize("changes", range(6))
def test_a_promotion_that_is_killed_is_whole_or_not_there_and_can_be_done_again(client, changes):
    settle_promotion(client, version(2), version(1), BETTER)
    client.changes_left = changes
    try:
        settle_promotion(client, version(3), version(2), BETTER)
    except KilledError:
        assert (serving(client)[0], way_back(client)) in {("2", "1"), ("3", "2")}
    else:
        assert serving(client) == ("3", "2")
    client.changes_left = 1_000
    champion = model_with_alias(client, NAME, CHAMPION)
    settle_promotion(client, version(3), champion, BETTER)
    assert serving(client) == ("3", "2")
    assert way_back(client) == "2"
    assert model_tags(client, version(3))["promotion"] == "promoted"


@pytest.mark.parametrize("changes", range(5))
def test_a_way_back_that_is_killed_serves_one_of_the_two_and_can_be_done_again(client, changes):
    settle_promotion(client, version(2), version(1), BETTER)
    settle_promotion(client, version(3), version(2), BETTER)
    client.changes_left = changes
    with suppress(KilledError):
        roll_back(client, NAME, "bad", "3")
    assert serving(client)[0] in {"2", "3"}
    client.changes_left = 1_000
    assert roll_back(client, NAME, "bad", "3") == version(2)
    assert serving(client) == ("2", None)
    assert way_back(client) is None
    assert rolled_back_reason(client, version(3)) == "bad"
