"""A team's own columns as inputs of a model: encoded without a leak, alike wherever it scores."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.config.fraud import EntitySettings
from igniteflow_core.errors import ModelArtifactError, PermanentError
from igniteflow_core.features.declared import feature_names
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud import fit_categories as module
from igniteflow_core.fraud.artifact import load_ensemble, save_ensemble
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.matrix import input_matrix, table_values
from igniteflow_core.fraud.own_choice import gains_of_own_columns, helpful
from igniteflow_core.fraud.reasons import top_reasons
from igniteflow_core.fraud.scorer import load_scorer
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.fraud.training import rows_of, train_ensemble
from igniteflow_core.fraud.windows import chronological_windows
from igniteflow_core.schemas.own_columns import OwnColumn

from .test_prequential import LAST_DAY, SETTINGS
from .worlds import training_frame, with_devices

OWN = {
    "device": OwnColumn(type="categorical"),
    "channel": OwnColumn(type="categorical"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean", nulls="refuse"),
    "opened": OwnColumn(type="timestamp"),
    "lat": OwnColumn(type="terminal_latitude"),
    "long": OwnColumn(type="terminal_longitude"),
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """A world in which four devices of a ring, and no column else, show a part of the fraud."""
    frame = with_devices(training_frame(27, rows_per_day=150))
    random = np.random.default_rng(6)
    rows = len(frame)
    return frame.assign(
        channel=random.choice(["web", "app"], rows),
        items=np.where(random.random(rows) < 0.2, np.nan, random.poisson(3, rows)),
        is_guest=random.random(rows) < 0.5,
        opened=frame["event_time"] - pd.to_timedelta(random.integers(0, 900, rows), "D"),
        lat=48.137,
        long=np.nan,
    )


@pytest.fixture(scope="module")
def trained(frame):
    return train_ensemble(frame, chronological_windows(LAST_DAY, SETTINGS), SETTINGS, OWN)


def test_a_column_that_shows_fraud_is_taken_and_one_of_noise_is_not(frame, trained):
    windows = chronological_windows(LAST_DAY, SETTINGS)
    train, validation = rows_of(frame, windows.train), rows_of(frame, windows.validation)
    gains = gains_of_own_columns(train, validation, SETTINGS, OWN)

    assert gains["device"].mean > 0.05
    # Of a position the models take the features that are made of it.
    assert not gains.keys() & {"lat", "long"}
    assert "device" in trained.inputs.own_types
    assert list(helpful(OWN, gains)) == list(trained.inputs.own_types)


def test_a_model_without_own_columns_is_stored_as_before_there_were_any(frame, tmp_path):
    ensemble = train_ensemble(frame, chronological_windows(LAST_DAY, SETTINGS), SETTINGS)
    save_ensemble(ensemble, tmp_path)

    assert ensemble.feature_names == FEATURE_NAMES
    assert "own_columns" not in json.loads((tmp_path / "ensemble.json").read_text())
    assert load_ensemble(tmp_path).inputs == ensemble.inputs


def test_the_features_of_declared_entities_are_inputs_of_the_model(frame, tmp_path):
    entity = EntitySettings(name="device", columns=("device",))
    declared = SETTINGS.model_copy(update={"entities": (entity,)})
    names = feature_names(declared.entities)
    risk = "device_smoothed_risk_30d"
    wide = frame.assign(**dict.fromkeys(names[len(FEATURE_NAMES) :], 0.0))
    wide[risk] = frame["is_fraud"] * 0.5
    ensemble = train_ensemble(wide, chronological_windows(LAST_DAY, declared), declared)
    save_ensemble(ensemble, tmp_path)

    assert load_ensemble(tmp_path).inputs.features == ensemble.feature_names == names
    usual, risky = wide.head(1).assign(**{risk: 0.0}), wide.head(1).assign(**{risk: 0.5})
    assert ensemble.predict_proba(risky)[0] > ensemble.predict_proba(usual)[0]
    with pytest.raises(ModelArtifactError, match="device_count_1h"):
        ensemble.inputs.require_computed(FEATURE_NAMES, "here")


def test_artefact_and_scorer_encode_as_the_training_did(frame, trained, tmp_path):
    save_ensemble(trained, tmp_path / "ensemble")
    save_scorer(trained, tmp_path / "scorer")
    loaded, scorer = load_ensemble(tmp_path / "ensemble"), load_scorer(tmp_path / "scorer")
    rows = frame.tail(400).assign(device=[*["never seen", None] * 200])
    values = {name: table_values(rows[name]) for name in (*OWN, "event_time")}
    one_by_one = np.concatenate(
        [
            scorer.inputs.rows(
                rows[list(FEATURE_NAMES)].to_numpy(dtype=np.float64)[[at]],
                {name: [each[at]] for name, each in values.items()},
            )
            for at in range(len(rows))
        ]
    )

    assert loaded.inputs == scorer.inputs == trained.inputs
    np.testing.assert_array_equal(one_by_one.astype(np.float32), input_matrix(rows, loaded.inputs))
    np.testing.assert_array_equal(loaded.predict_proba(rows), trained.predict_proba(rows))
    np.testing.assert_allclose(scorer.score(one_by_one), loaded.predict_proba(rows), atol=1e-6)


def test_a_fraud_of_the_ring_is_explained_by_its_device(frame, trained):
    ring = frame[frame["device"].isin(["d0", "d1", "d2", "d3"])].tail(20)
    named = [reason.feature for each in top_reasons(trained, ring, 3) for reason in each]

    assert sum(name.startswith("device") for name in named) >= 15


def test_a_row_is_encoded_without_the_labels_of_its_own_days(frame):
    rows = frame.assign(device=[f"d{at}" for at in range(len(frame))])
    fitted = fit_inputs(rows, {"device": OWN["device"]})
    risk = fitted.matrix[:, fitted.inputs.names.index("device_risk")]

    # Each device is seen once, so the labels of all other days say nothing of it.
    assert len(np.unique(risk)) == 1
    assert len(fitted.inputs.encodings[0].table) == len(rows)


def test_labels_change_no_input_of_their_own_block_of_days(frame):
    first_days = frame["event_date"] <= sorted(frame["event_date"].unique())[4]
    changed = frame.assign(is_fraud=frame["is_fraud"].where(~first_days, 1 - frame["is_fraud"]))
    columns = {"device": OWN["device"], "channel": OWN["channel"]}
    before, after = fit_inputs(frame, columns), fit_inputs(changed, columns)
    # The mean rate, to which every rate is drawn, is that of all rows, and the same for all.
    seen = np.isin(frame["device"].to_numpy(), [*before.inputs.encodings[0].common])

    assert not seen.any() or before.inputs.encodings[0].common == after.inputs.encodings[0].common
    np.testing.assert_array_equal(
        before.matrix[:, before.inputs.names.index("device_frequency")],
        after.matrix[:, after.inputs.names.index("device_frequency")],
    )


def test_rare_categories_beyond_the_bound_are_as_never_seen(frame, monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 10)
    fitted = fit_inputs(frame, {"device": OWN["device"]})
    (encoding,) = fitted.inputs.encodings

    assert len(encoding.table) == 10
    assert encoding.encode(["d799"])[0].tolist() == encoding.encode(["never seen"])[0].tolist()


def test_missing_numbers_are_filled_and_marked(frame):
    fitted = fit_inputs(frame, {"items": OWN["items"], "is_guest": OWN["is_guest"]})
    items, is_guest = fitted.inputs.encodings

    assert fitted.inputs.names[-3:] == ("items", "items_missing", "is_guest")
    assert items.encode([None, 2.0, float("nan")]).tolist() == [[3, 1], [2, 0], [3, 1]]
    assert is_guest.encode([True, False, None]).tolist() == [[1], [0], [0]]


def test_a_time_is_an_age_at_the_transaction_wherever_it_is_scored(frame):
    rows = frame.assign(opened=frame["opened"].mask(frame.index % 3 == 0))
    fitted = fit_inputs(rows, {"opened": OWN["opened"]})
    ages = (rows["event_time"] - rows["opened"]).dt.total_seconds() / 86_400
    (opened,) = fitted.inputs.encodings
    event_time = datetime(2025, 3, 1, 12, tzinfo=UTC)

    assert fitted.inputs.names[-2:] == ("opened_age_days", "opened_missing")
    assert fitted.inputs.columns[-2:] == ("opened", "event_time")
    expected = np.column_stack([ages.fillna(ages.median()), ages.isna()])
    np.testing.assert_array_equal(fitted.matrix[:, -2:], expected.astype(np.float32))
    np.testing.assert_array_equal(input_matrix(rows, fitted.inputs), fitted.matrix)
    values = [event_time - timedelta(hours=36), event_time + timedelta(days=2), None]
    assert opened.encode(values, [event_time] * 3).tolist() == [
        [1.5, 0], [-2, 0], [ages.median(), 1],
    ]  # fmt: skip
    with pytest.raises(PermanentError, match="event_time"):
        input_matrix(rows.drop(columns="event_time"), fitted.inputs)


def test_a_column_that_is_not_there_is_named(frame, trained):
    with pytest.raises(PermanentError, match="device"):
        trained.predict_proba(frame.drop(columns=["device"]))


def test_addresses_are_encoded_by_their_network_and_domain_and_kept_out_of_the_model(frame):
    rows = frame.assign(
        ip=[f"203.0.113.{at % 250}" if at % 2 else f"2001:db8:1:{at:x}::1" for at in frame.index],
        email=[f"user{at}@{'A.example' if at % 3 else 'b.example'}" for at in frame.index],
    )
    own = {"ip": OwnColumn(type="ip"), "email": OwnColumn(type="email")}
    inputs = fit_inputs(rows, own).inputs
    ip, email = inputs.encodings

    assert set(inputs.names[len(FEATURE_NAMES) :]) == {
        *("ip_network=203.0.113.0/24", "ip_network=2001:db8:1::/48"),
        *("email_domain=a.example", "email_domain=b.example"),
    }
    np.testing.assert_array_equal(ip.encode(["203.0.113.9"]), ip.encode(["::ffff:203.0.113.200"]))
    np.testing.assert_array_equal(email.encode(["x@A.EXAMPLE"]), email.encode(["y@a.example"]))
    assert "user" not in inputs.model_dump_json()
