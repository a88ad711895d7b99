"""Which own columns the settings may declare."""

import pytest
from pydantic import ValidationError

from igniteflow_core.config.settings import Settings
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.schemas.decisions import DECISION_LOG
from igniteflow_core.schemas.own_columns import name_fault
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.schemas.transactions import (
    FRAUD_SCORES,
    QUARANTINED_TRANSACTIONS,
    RAW_TRANSACTIONS,
    TRANSACTIONS,
)


def settings(own, *, spark_workers=0, columns=None):
    return Settings.model_validate(
        {
            "environment": "local",
            "partitions": {"start_date": "2025-01-01"},
            "sources": {
                "transactions": {"path": "t.parquet", "columns": columns or {}},
                "ratings": {"path": "r.parquet"},
                "own_columns": own,
            },
            "fraud": {"spark_workers": spark_workers},
        }
    )


def test_an_own_column_is_mapped_like_the_others():
    own = {"category": {"type": "categorical"}}
    assert (
        settings(own, columns={"category": "MCC"}).sources.own_columns["category"].nulls == "keep"
    )
    with pytest.raises(ValidationError, match=r"category.\?. is not a column of transactions"):
        settings(own, columns={"categry": "MCC"})


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ({"lat": {"type": "customer_latitude"}}, "needs one of type customer_longitude"),
        (
            {
                "lat": {"type": "terminal_latitude"},
                "long": {"type": "terminal_longitude"},
                "east": {"type": "terminal_x"},
                "north": {"type": "terminal_y"},
            },
            "one position, not two",
        ),
        ({"lat": {"type": "numeric", "kilometres_per_unit": 2}}, "no effect on type numeric"),
    ],
)
def test_own_columns_that_give_no_position_are_refused(own, fault):
    with pytest.raises(ValidationError, match=fault):
        settings(own)


def test_distributed_training_may_have_own_columns():
    own = {"lat": {"type": "customer_latitude"}, "long": {"type": "customer_longitude"}}
    own |= {"opened": {"type": "timestamp"}}
    assert settings(own, spark_workers=2).sources.own_columns["lat"].unit == "degrees"


@pytest.mark.parametrize(
    "contract",
    [
        TRANSACTIONS,
        RAW_TRANSACTIONS,
        QUARANTINED_TRANSACTIONS,
        FRAUD_FEATURES_TABLE,
        FRAUD_SCORES,
        STREAM_SCORES,
        DECISION_LOG,
    ],
    ids=lambda contract: contract.name,
)
def test_no_own_column_has_the_name_of_a_column_that_is_there(contract):
    assert [name for name in contract.column_names if name_fault(name) is None] == []


@pytest.mark.parametrize("name", ["Category", "merchant category", "1st", "", "x" * 64, "é"])
def test_a_name_that_is_none_is_refused_and_named(name):
    with pytest.raises(ValidationError, match="a name has up to 63"):
        settings({name: {"type": "numeric"}})


def test_two_columns_cannot_give_inputs_of_one_name():
    with pytest.raises(ValidationError, match="'shop_risk': two columns"):
        settings({"shop": {"type": "categorical"}, "shop_risk": {"type": "numeric"}})
