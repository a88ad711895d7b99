from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igniteflow_core.audit.chain import (
    FIRST_PREVIOUS_HASH,
    AuditEntry,
    AuditEvent,
    chained,
    first_broken,
    sealed,
)


def event(number: int) -> AuditEvent:
    return AuditEvent(
        event_id=f"run:{number}", happened_at=1_700_000_000_000_000 + number, event="materialized",
        subject="fraud_champion", run_id="run", job="main_job", actor="by hand",
        code_version="0.1.0", model_version=str(number), facts='{"promoted": true}',
    )  # fmt: skip


@pytest.fixture
def chain() -> list[AuditEntry]:
    return chained([event(number) for number in range(5)], None)


def test_a_chain_counts_from_one_and_each_entry_holds_the_hash_before_it(chain):
    assert [entry.sequence for entry in chain] == [1, 2, 3, 4, 5]
    hashes = [FIRST_PREVIOUS_HASH, *(entry.hash for entry in chain)]
    assert [entry.previous_hash for entry in chain] == hashes[:-1]
    assert first_broken(chain) is None


def test_a_chain_goes_on_where_it_ended(chain):
    first = chained([event(0), event(1)], None)
    assert first + chained([event(2), event(3), event(4)], first[-1]) == chain


def test_a_chain_is_followed_from_an_entry_that_was_noted(chain):
    noted = chain[2]
    assert first_broken(chain[3:], noted.sequence, noted.hash) is None
    assert first_broken(chain[3:], noted.sequence, "0" * 64).startswith("entry 4 does not follow")
    chain[4] = replace(chain[4], actor="somebody else")
    assert first_broken(chain[3:], noted.sequence, noted.hash).startswith("entry 5 was altered")


def test_an_entry_has_the_hash_that_earlier_versions_gave_it(chain):
    # A column more in the hash would make every log that was ever written look altered.
    # pragma: allowlist nextline secret
    assert chain[0].hash == "49869c6b3ebce44049cb7c32c89a2536f132fccf742061263023f6c174042901"


def test_an_empty_chain_is_whole():
    assert first_broken([]) is None


CHANGES = {
    "happened_at": 0, "actor": "somebody else", "facts": "{}", "model_version": None,
    "event": "check failed", "run_id": "", "event_id": "other", "subject": "x", "job": "",
    "code_version": "0.2.0", "hash": "0" * 64, "previous_hash": "f" * 64,
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGES)
def test_an_altered_entry_is_found(chain, field):
    chain[2] = replace(chain[2], **{field: CHANGES[field]})
    assert first_broken(chain).startswith("entry 3")


def test_an_altered_entry_that_is_sealed_anew_is_found_at_the_next(chain):
    altered = replace(event(2), actor="somebody else")
    chain[2] = sealed(altered, 3, chain[1].hash)
    assert first_broken(chain) == "entry 4 does not follow the one before it"


def test_a_removed_a_doubled_and_a_swapped_entry_are_found(chain):
    assert first_broken(chain[:2] + chain[3:]).startswith("entry 3 is missing")
    assert first_broken([*chain[:3], chain[2], *chain[3:]]).startswith("entry 4 is missing")
    assert first_broken([chain[0], chain[2], chain[1]]).startswith("entry 2 is missing")
    assert first_broken(chain[1:]).startswith("entry 1 is missing")


@given(st.text(), st.text())
def test_no_two_contents_share_a_hash(one, other):
    entries = [
        sealed(replace(event(0), facts=facts), 1, FIRST_PREVIOUS_HASH) for facts in (one, other)
    ]
    assert (entries[0].hash == entries[1].hash) is (one == other)
