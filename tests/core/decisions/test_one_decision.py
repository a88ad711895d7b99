"""One event alone, as in the API, among others, as in the stream, and in a table, as in the batch,
is decided alike."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.decisions.columns import microseconds
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.decisions.policy import DecisionPolicy
from igniteflow_core.decisions.table import decide_table
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.schemas.own_columns import OwnColumn

OWN = {
    "country": OwnColumn(type="categorical"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean"),
    "address": OwnColumn(type="ip"),
}
ENTITIES = (
    EntitySettings(name="network", columns=("address",)),
    EntitySettings(name="card_abroad", columns=("customer_id", "country")),
)
WORDS = vocabulary(ENTITIES, OWN)
START = datetime(2026, 3, 1, tzinfo=UTC)

ids = st.sampled_from(["C1", "C2", "C3"])
countries = st.sampled_from(["FR", "DE", "IT"])
addresses = st.sampled_from(["203.0.113.7", "203.0.113.9", "198.51.100.1", "2001:db8::1"])
shares = st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0])
numbers = st.sampled_from([0.0, 1.0, 2.5, -3.0, 100.0, 1e308])
moments = st.integers(0, 5).map(lambda hours: START + timedelta(hours=hours))

events = st.fixed_dictionaries(
    {
        "score": shares | st.floats(0, 1),
        "event_time": moments,
        "customer_id": ids,
        "terminal_id": st.sampled_from(["T1", "T2"]),
        "amount": numbers | st.floats(0, 1e6),
        "country": st.none() | countries,
        "items": st.none() | numbers,
        "is_guest": st.none() | st.booleans(),
        "address": st.none() | addresses,
    }
)

number_texts = st.recursive(
    st.sampled_from(["amount", "score", "threshold", "items", "0", "2.5", "-3", "100"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda parts: f"({' '.join(parts)})"
    ),
    max_leaves=4,
)
comparisons = st.one_of(
    st.tuples(number_texts, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), number_texts).map(
        " ".join
    ),
    st.tuples(st.sampled_from(["==", "!="]), countries).map(lambda p: f"country {p[0]} '{p[1]}'"),
    st.sampled_from(
        [
            "country in ('FR', 'IT')", "customer_id not in ('C1', 'C2')", "items is None",
            "is_guest", "is_guest == False", "address is not None", "items in (1, 2.5)", "True",
        ]
    ),
)  # fmt: skip
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=5,
)
looked_up = st.sampled_from(
    [
        ({"column": "customer_id"}, ids),
        ({"column": "country"}, countries),
        ({"column": "address"}, addresses),
        ({"entity": "network"}, st.sampled_from(["203.0.113.7", "198.51.100.1"])),
        ({"entity": "card_abroad"}, st.tuples(ids, countries)),
    ]
)
lists = st.lists(
    looked_up.flatmap(
        lambda of: st.builds(
            lambda action, entries: {"action": action, "entries": entries, **of[0]},
            st.sampled_from(["allow", "deny"]),
            st.lists(
                st.builds(
                    lambda value, until: {"value": value, "until": until},
                    of[1],
                    st.none() | moments,
                ),
                unique_by=lambda entry: entry["value"],
                max_size=3,
            ),
        )
    ),
    max_size=3,
)
rules = st.lists(
    st.fixed_dictionaries(
        {"when": conditions, "then": st.sampled_from(["approve", "review", "decline"])}
    ),
    max_size=4,
)


def named(parts: list[dict]) -> list[dict]:
    return [part | {"name": f"part_{number}"} for number, part in enumerate(parts)]


policies = st.builds(
    lambda review, decline, lists, rules: DecisionPolicy.model_validate(
        {
            "bands": {"review": review, "decline": decline},
            "lists": named(lists),
            "rules": named(rules),
        }
    ),
    st.sampled_from(["threshold", 0.2, 0.5]),
    st.sampled_from([None, "threshold", 0.7, 1.0]),
    lists,
    rules,
)


def columns_of(policy: CompiledPolicy, drawn: list[dict]) -> dict[str, list]:
    return {name: [event[name] for event in drawn] for name in policy.reads}


@settings(max_examples=150)
@given(policies, st.lists(events, min_size=1, max_size=12), shares)
def test_api_stream_and_batch_decide_alike(policy, drawn, threshold):
    compiled = CompiledPolicy(policy, WORDS, "1")
    alone = []
    for event in drawn:
        decision = compiled.decide(
            np.array([event["score"]]),
            threshold,
            np.array([microseconds(event["event_time"])]),
            columns_of(compiled, [event]),
        )
        alone.append((decision.outcomes[0], decision.decided_by[0], bool(decision.is_alert[0])))

    scores = np.array([event["score"] for event in drawn])
    times = np.array([microseconds(event["event_time"]) for event in drawn])
    together = compiled.decide(scores, threshold, times, columns_of(compiled, drawn))
    # As Spark hands a table over: without a zone, and None turned into NaN in columns of numbers.
    frame = pd.DataFrame(drawn)
    frame["event_time"] = pd.to_datetime(frame["event_time"]).dt.tz_localize(None)
    table = decide_table(compiled, frame, scores, threshold)

    for decisions in (together, table):
        found = zip(
            decisions.outcomes, decisions.decided_by, decisions.is_alert.tolist(), strict=True
        )
        assert list(found) == alone
