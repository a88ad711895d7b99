"""What the declarations promise to the models, the lake and the docs."""

from datetime import timedelta

import pytest

from igniteflow_core.features.compute import history_days, terminal_history_days
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE, feature_catalogue
from igniteflow_core.features.definitions import FEATURE_NAMES, FRAUD_FEATURES, STANDARD_FEATURES
from igniteflow_core.features.feature import SPAN


def test_the_table_holds_the_events_columns_the_features_and_the_day():
    assert FRAUD_FEATURES_TABLE.column_names == [
        *("transaction_id", "event_time", "customer_id", "terminal_id"),
        *FEATURE_NAMES,
        "event_date",
    ]
    assert FRAUD_FEATURES_TABLE.partition_by == "event_date"
    assert {FRAUD_FEATURES_TABLE.column(name).type for name in FEATURE_NAMES} == {"double"}


def test_each_feature_is_declared_once_and_never_an_identifier():
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)
    assert not [name for name in FEATURE_NAMES if name.endswith("_id")]


def test_a_name_that_ends_in_a_window_tells_the_declared_one():
    for feature in FRAUD_FEATURES:
        last = feature.name.rsplit("_", 1)[-1]
        if last in SPAN.values():
            assert last == SPAN[feature.window]


def test_the_standard_features_are_fifteen_of_them():
    assert len(set(STANDARD_FEATURES)) == 15
    assert set(STANDARD_FEATURES) <= set(FEATURE_NAMES)


@pytest.mark.parametrize(
    ("delay", "days", "terminal_days"), [(7, 44, 37), (0, 44, 30), (30, 67, 60)]
)
def test_history_covers_the_longest_chain_of_windows(delay, days, terminal_days):
    assert history_days(timedelta(days=delay)) == days
    assert terminal_history_days(timedelta(days=delay)) == terminal_days


def test_the_catalogue_has_a_row_of_six_cells_for_each_feature():
    rows = feature_catalogue().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(FEATURE_NAMES)
    assert {row.count("|") for row in rows} == {7}
