"""Every test is of one kind and in one group, whatever folder it is put into."""

from pathlib import Path

import pytest

from tests.groups import FIRST, OF_FIXTURE, OWN_GROUPS
from tests.kinds import KINDS

TESTS = Path(__file__).parent


def kinds(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()} & set(KINDS)


def test_every_test_has_exactly_one_kind(request: pytest.FixtureRequest):
    wrong = {item.nodeid: kinds(item) for item in request.session.items if len(kinds(item)) != 1}
    assert wrong == {}


def test_a_unit_test_asks_for_no_spark_session(request: pytest.FixtureRequest):
    units = [item for item in request.session.items if "unit" in kinds(item)]
    assert not [item.nodeid for item in units if item.get_closest_marker("spark")]


def test_every_group_that_is_named_is_that_of_a_module_or_folder():
    for name in {*FIRST, *OWN_GROUPS} - set(OF_FIXTURE.values()):
        assert (TESTS / name).is_dir() or (TESTS / f"{name}.py").is_file(), name
