"""What a policy decides, by what, and which policies are refused."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.decisions.columns import Vocabulary, microseconds
from igniteflow_core.decisions.compiled import CompiledPolicy, policy_faults
from igniteflow_core.decisions.policy import MOST_RULES, DecisionPolicy
from igniteflow_core.errors import ConfigurationError, DecisionPolicyError
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.schemas.own_columns import OwnColumn

OWN = {
    "device": OwnColumn(type="categorical"),
    "country": OwnColumn(type="categorical"),
    "address": OwnColumn(type="ip"),
}
ENTITIES = (
    EntitySettings(name="network", columns=("address",)),
    EntitySettings(name="device_abroad", columns=("device", "country")),
)
WORDS = vocabulary(ENTITIES, OWN)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def compiled(document: dict, words: Vocabulary = WORDS) -> CompiledPolicy:
    return CompiledPolicy(DecisionPolicy.model_validate(document), words, "7")


def decided(policy: CompiledPolicy, score: float = 0.1, at: datetime = NOON, **values) -> tuple:
    event = {"customer_id": "C1", "terminal_id": "T1", "amount": 10.0, "device": "d1"}
    event |= {"country": "FR", "address": "203.0.113.7"} | values
    columns = {name: [value] for name, value in event.items()}
    decisions = policy.decide(np.array([score]), 0.5, np.array([microseconds(at)]), columns)
    return decisions.outcomes[0], decisions.decided_by[0]


def one_list(**changes) -> dict:
    listed = {"name": "stolen", "action": "deny", "column": "customer_id", "entries": ["C1"]}
    return {"lists": [listed | changes]}


@pytest.mark.parametrize("score", [0.0, 0.3, np.nextafter(0.5, 0), 0.5, np.nextafter(0.5, 1), 1.0])
def test_without_lists_and_rules_the_threshold_of_the_model_decides(score):
    policy = compiled({})
    outcome, by = decided(policy, score)
    assert (outcome != "approve") == (score >= 0.5)
    assert by == "score"
    assert outcome != "decline"
    assert policy.alert_from(0.5) == 0.5


def test_a_score_on_a_bound_belongs_to_the_band_above():
    policy = compiled({"bands": {"review": 0.3, "decline": 0.8}})
    scores = [0.2999, 0.3, 0.7999, 0.8]
    assert [decided(policy, score)[0] for score in scores] == [
        "approve", "review", "review", "decline",
    ]  # fmt: skip
    assert policy.alert_from(0.5) == 0.3


def test_a_bound_may_follow_the_threshold_of_the_model():
    policy = compiled({"bands": {"review": 0.2, "decline": "threshold"}})
    assert [decided(policy, score)[0] for score in (0.3, 0.5)] == ["review", "decline"]


def test_the_first_that_applies_decides_deny_before_allow_before_rules_before_the_score():
    rules = [
        {"name": "small", "when": "amount < 20", "then": "review"},
        {"name": "tiny", "when": "amount < 5", "then": "decline"},
    ]
    allow = {"name": "staff", "action": "allow", "column": "customer_id", "entries": ["C1", "C2"]}
    deny = {"name": "stolen", "action": "deny", "column": "customer_id", "entries": ["C1"]}
    policy = compiled({"lists": [allow, deny], "rules": rules})
    assert decided(policy, amount=1.0) == ("decline", "deny:stolen")
    assert decided(policy, 0.9, amount=1.0, customer_id="C2") == ("approve", "allow:staff")
    assert decided(policy, amount=1.0, customer_id="C3") == ("review", "rule:small")
    assert decided(policy, 0.9, amount=50.0, customer_id="C3") == ("review", "score")


def test_a_rule_may_lower_what_the_score_says_and_read_it():
    rule = {"name": "low_loss", "when": "score * amount < 8 and score < threshold + 0.2"}
    policy = compiled({"rules": [rule | {"then": "approve"}]})
    assert decided(policy, 0.6) == ("approve", "rule:low_loss")
    assert decided(policy, 0.7) == ("review", "score")


def test_an_entry_ends_at_its_moment_exactly():
    entry = {"value": "C1", "until": "2026-03-01T13:00:00+01:00", "note": "called in"}
    policy = compiled(one_list(entries=[entry]))
    before = NOON - timedelta(microseconds=1)
    assert decided(policy, at=before) == ("decline", "deny:stolen")
    assert decided(policy, at=NOON) == ("approve", "score")


@pytest.mark.parametrize(
    ("changes", "values", "is_held"),
    [
        ({"column": "terminal_id", "entries": ["T1"]}, {}, True),
        ({"column": "terminal_id", "entries": ["T1"]}, {"terminal_id": "t1"}, False),
        ({"column": "country", "entries": ["KP", "FR"]}, {}, True),
        ({"column": "country", "entries": ["KP", "FR"]}, {"country": None}, False),
        ({"column": "address", "entries": ["203.0.113.7"]}, {"address": "203.0.113.8"}, False),
        (
            {"column": None, "entity": "network", "entries": ["203.0.113.7"]},
            {"address": "203.0.113.8"},
            True,
        ),
        ({"column": None, "entity": "device_abroad", "entries": [["d1", "FR"]]}, {}, True),
        (
            {"column": None, "entity": "device_abroad", "entries": [["d1", "FR"]]},
            {"country": None},
            False,
        ),
    ],
)
def test_a_list_is_of_an_id_an_own_column_or_an_entity(changes, values, is_held):
    policy = compiled(one_list(**changes))
    assert (decided(policy, **values)[1] == "deny:stolen") == is_held


def test_everything_wrong_with_a_policy_is_named_at_once():
    document = {
        "lists": [
            {"name": "a", "action": "deny", "column": "costumer_id", "entries": []},
            {"name": "b", "action": "deny", "entity": "netwrok", "entries": []},
            {"name": "c", "action": "allow", "column": "address", "entries": ["no address"]},
            {"name": "d", "action": "allow", "column": "device", "entries": ["x", "x"]},
            {"name": "e", "action": "deny", "entity": "device_abroad", "entries": ["d1"]},
        ],
        "rules": [
            {"name": "f", "when": "amout > 5", "then": "review"},
            {"name": "g", "when": "open('x')", "then": "review"},
        ],
    }
    faults = policy_faults(DecisionPolicy.model_validate(document), WORDS)
    assert [fault.split(":")[0] for fault in faults] == [
        "lists.a", "lists.b", "lists.e", "lists.c", "lists.d", "rules.f.when", "rules.g.when",
    ]  # fmt: skip
    assert "did you mean 'customer_id'?" in faults[0]
    assert "did you mean 'network'?" in faults[1]
    with pytest.raises(DecisionPolicyError, match=r"costumer_id.*amout"):
        compiled(document)


def test_the_settings_name_every_fault_of_the_policy(tmp_path, monkeypatch):
    rules = [{"name": f"r{n}", "when": f"amout > {n}", "then": "review"} for n in range(12)]
    overlay = tmp_path / "policy.json"
    overlay.write_text(json.dumps({"decisions": {"policy": {"rules": rules}}}))
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    for number in range(12):
        assert f"decisions.policy.rules.r{number}.when: there is no" in str(refused.value)


@pytest.mark.parametrize(
    "document",
    [
        {"bands": {"review": 0.8, "decline": 0.3}},
        {"bands": {"review": 1.5}},
        {"bands": {"review": float("nan")}},
        {"bands": {"review": None}},
        one_list(entity="network"),
        one_list(column=None),
        one_list(entries=[{"value": "C1", "until": "2026-03-01T12:00:00"}]),
        one_list(name="Stolen cards"),
        {"rules": [{"name": "a", "when": "True", "then": "reject"}]},
        {"rules": [{"name": "a", "when": "True", "then": "review"}] * 2},
        {
            "rules": [
                {"name": f"r{n}", "when": "True", "then": "review"} for n in range(MOST_RULES + 1)
            ]
        },
        {"rule": []},
    ],
)
def test_what_is_no_policy_is_refused(document):
    with pytest.raises(ValidationError):
        DecisionPolicy.model_validate(document)


def test_the_hash_is_of_the_meaning_and_not_of_the_spelling():
    short = DecisionPolicy.model_validate(one_list())
    written_out = DecisionPolicy.model_validate(
        {"bands": {"decline": None, "review": "threshold"}, "rules": []}
        | one_list(entries=[{"note": None, "value": "C1"}])
    )
    assert short.sha256 == written_out.sha256
    assert DecisionPolicy.model_validate(short.document) == short
    assert short.sha256 != DecisionPolicy.model_validate(one_list(action="allow")).sha256


def test_an_executor_gets_the_same_policy():
    policy = compiled(one_list() | {"rules": [{"name": "a", "when": "True", "then": "review"}]})
    sent = pickle.loads(pickle.dumps(policy))
    assert (sent.version, sent.sha256, sent.reads) == ("7", policy.sha256, policy.reads)
    assert decided(sent) == decided(policy)
