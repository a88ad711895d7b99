"""A team's own categories, times and entities are watched as the features are."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.drift.columns import watched_features, watched_own
from igniteflow_core.drift.detect import calibrate, detect_drift
from igniteflow_core.drift.own_columns import OF_OWN_NAMES, own_as_numbers, with_values
from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.schemas.own_columns import OwnColumn

FIRST_DAY = date(2025, 1, 1)
OWN = {
    "device": OwnColumn(type="categorical"),
    "ip": OwnColumn(type="ip"),
    "email": OwnColumn(type="email"),
    "opened": OwnColumn(type="timestamp"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean"),
    "lat": OwnColumn(type="customer_latitude"),
    "long": OwnColumn(type="customer_longitude"),
}
NAMES = ["device", "ip_network", "email_domain", "opened_age_days", "items", "is_guest"]


def rows(seed, days=14, per_day=200, **columns):
    random = np.random.default_rng(seed)
    size = days * per_day
    day = [FIRST_DAY + timedelta(days=int(at)) for at in np.repeat(np.arange(days), per_day)]
    event_time = pd.to_datetime(pd.Series(day)).dt.tz_localize("UTC")
    frame = pd.DataFrame(
        {
            "event_date": day,
            "event_time": event_time,
            "customer_id": random.integers(600, size=size).astype(str),
            "device": [f"d{each}" for each in random.zipf(1.8, size) % 200],
            "ip": [f"203.0.{each}.7" for each in random.integers(4, size=size)],
            "email": [f"u{at}@{'ab'[at % 2]}.example" for at in range(size)],
            "opened": event_time - pd.to_timedelta(random.integers(1, 900, size), "D"),
            "items": random.poisson(3, size).astype(float),
            "is_guest": random.random(size) < 0.3,
        }
    )
    return frame.assign(**columns)


def drifted(reference, current, own=OWN):
    reference, current = own_as_numbers(reference, current, own)
    settings = DriftSettings(current_days=7, min_reference_days=7)
    columns, _ = with_values(reference, watched_own(own))
    calibrated = calibrate(reference, columns, settings, data_from=FIRST_DAY)
    return [each.feature for each in detect_drift(calibrated, current, settings).drifted]


def test_every_own_column_but_positions_is_watched():
    assert [column.name for column in watched_own(OWN)] == NAMES
    assert drifted(rows(1), rows(2)) == []


def test_a_category_that_comes_up_and_accounts_that_become_younger_are_drift():
    usual = rows(2)
    of_a_ring = usual["device"].where(usual.index % 4 > 0, "d-new")
    assert drifted(rows(1), usual.assign(device=of_a_ring)) == ["device"]

    young = usual["event_time"] - pd.Timedelta("1D")
    assert drifted(rows(1), usual.assign(opened=young)) == ["opened_age_days"]

    elsewhere = [f"u@{'new' if at % 3 else 'a'}.example" for at in usual.index]
    assert drifted(rows(1), usual.assign(email=elsewhere)) == ["email_domain"]


def test_frequent_categories_have_a_number_each_and_all_others_one():
    before = pd.DataFrame({"device": [f"d{at:02}" for at in range(20) for _ in range(40 - at)]})
    after = pd.DataFrame({"device": ["d00", "d08", "d09", "never seen", None]})
    reference, current = own_as_numbers(before, after, {"device": OWN["device"]})

    assert reference["device"].nunique() == OF_OWN_NAMES + 1
    assert current["device"].tolist()[:4] == [0, 8, OF_OWN_NAMES, OF_OWN_NAMES]
    assert current["device"].isna().tolist() == [False] * 4 + [True]


def test_what_was_declared_after_the_training_is_named_and_not_judged():
    reference, _ = own_as_numbers(rows(1, device=None, opened=pd.NaT), rows(2), OWN)
    columns, new = with_values(reference, watched_own(OWN))

    assert new == ("device", "opened_age_days")
    assert [column.name for column in columns] == [name for name in NAMES if name not in new]
    assert with_values(reference.head(0), watched_own(OWN)) == (watched_own(OWN), ())


def test_the_features_of_an_entity_are_watched_by_its_ids():
    entity = EntitySettings(name="device", columns=("device",))
    watched = watched_features(timedelta(days=7), (entity,))
    of_device = watched[len(FRAUD_FEATURES) :]

    assert {column.cluster for column in of_device} == {"id of device"}
    days = {column.name: column.warm_up_days for column in of_device}
    assert (days["device_count_1d"], days["device_smoothed_risk_30d"]) == (1, 37)
