"""Which entities the settings may declare."""

import pytest
from pydantic import ValidationError

from igniteflow_core.config.settings import Settings
from igniteflow_core.features.declared import declared_entities, feature_names
from igniteflow_core.features.definitions import FEATURE_NAMES

OWN = {
    "device_id": {"type": "categorical"},
    "email": {"type": "email"},
    "items": {"type": "numeric"},
    "lat": {"type": "terminal_latitude"},
    "long": {"type": "terminal_longitude"},
}


def settings(*entities, own=OWN, spark_workers=0):
    return Settings.model_validate(
        {
            "environment": "local",
            "partitions": {"start_date": "2025-01-01"},
            "sources": {
                "transactions": {"path": "t.parquet"},
                "ratings": {"path": "r.parquet"},
                "own_columns": own,
            },
            "fraud": {"entities": list(entities), "spark_workers": spark_workers},
        }
    )


def entity(name="device", columns=("device_id",), distinct=None):
    return {"name": name, "columns": columns, "distinct": distinct}


def test_a_declared_entity_has_features_of_its_name_after_all_others():
    declared = settings(
        entity(distinct="customer_id"), entity("card_domain", ("customer_id", "email"))
    )
    names = feature_names(declared.fraud.entities)
    assert names[: len(FEATURE_NAMES)] == FEATURE_NAMES
    assert "device_distinct_customer_id_7d" in names
    assert "card_domain_smoothed_risk_30d" in names
    device, pair = declared_entities(declared.fraud.entities, declared.sources.own_columns)
    assert device.id_of({"device_id": "d"}) == "d"
    assert pair.id_of({"customer_id": "c", "email": "a@B.example"}) == "c\x1fb.example"


def test_without_a_declaration_the_features_are_those_of_cards_and_terminals():
    assert feature_names(settings().fraud.entities) == FEATURE_NAMES


@pytest.mark.parametrize(
    ("entities", "fault"),
    [
        ([entity(columns=("device",))], "'device' is neither customer_id, terminal_id nor"),
        ([entity(columns=("items",))], "'items' is neither"),
        ([entity(distinct="items")], "'items' is neither"),
        ([entity(columns=("lat",))], "'lat' is neither .* of type categorical, ip, email"),
        ([entity(distinct="long")], "'long' is neither"),
        ([entity(columns=("email", "email"))], "a column is named twice"),
        ([entity(distinct="device_id")], "a column is named twice"),
        ([entity(columns=())], "at least 1 item"),
        ([entity(), entity()], "'device' is declared twice"),
        ([entity("terminal")], "without a declaration"),
        ([entity("customer_device")], "reserved"),
        ([entity("Device")], "a name has up to 63"),
    ],
)
def test_an_entity_that_cannot_be_computed_is_refused_with_the_reason(entities, fault):
    with pytest.raises(ValidationError, match=fault):
        settings(*entities)


def test_no_feature_takes_the_name_of_an_own_column():
    own = {**OWN, "device_count_1d": {"type": "numeric"}}
    with pytest.raises(ValidationError, match="'device_count_1d'"):
        settings(entity(), own=own)


def test_distributed_training_may_have_entities():
    pair = entity("pair", ("customer_id", "terminal_id"))
    assert settings(pair, own={}, spark_workers=2).fraud.entities[0].name == "pair"
