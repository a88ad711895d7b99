"""What no feature may know: the cents of an amount, and the names of cards and terminals.

Simulated and real fraud alike can be told by an odd number of cents or by an id that happened to be
hit before; a model that learns either is good on old data and useless on new.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from igniteflow_core.features.definitions import FRAUD_FEATURES

from .streams import event_streams
from .test_feature_rules import SLOW_REFERENCE, computed

FEW = settings(SLOW_REFERENCE, max_examples=20)
SCALING = {feature.name for feature in FRAUD_FEATURES if feature.unit == "source currency"}


@FEW
@given(events=event_streams())
def test_another_currency_scales_amounts_and_changes_nothing_else(events):
    # Times seven, no cents stay as they were, so a feature made from them would differ.
    before = computed(events)
    after = computed([replace(event, cents=7 * event.cents) for event in events])
    for transaction_id, features in before.items():
        for name, value in features.items():
            expected = 7 * value if name in SCALING else value
            assert after[transaction_id][name] == pytest.approx(expected, rel=1e-9, abs=1e-9), name


@FEW
@given(events=event_streams())
def test_other_names_of_cards_and_terminals_change_nothing(events):
    renamed = [
        replace(event, customer=f"z{event.customer[::-1]}", terminal=f"{event.terminal[::-1]}y")
        for event in events
    ]
    assert computed(renamed) == computed(events)
