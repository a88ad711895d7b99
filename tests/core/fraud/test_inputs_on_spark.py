"""Encodings that Spark fits are those that one process fits."""

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.fraud.inputs_on_spark import INPUTS, encoded_rows, fit_inputs_on_spark
from igniteflow_core.schemas.own_columns import OwnColumn

from .worlds import training_frame

OWN = {
    "device": OwnColumn(type="categorical"),
    "email": OwnColumn(type="email"),
    "items": OwnColumn(type="numeric"),
    "nothing": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean", nulls="refuse"),
    "opened": OwnColumn(type="timestamp"),
}


@pytest.mark.spark
def test_spark_encodes_the_rows_of_a_training_as_one_process_does(spark):
    random = np.random.default_rng(2)
    frame = training_frame(9, rows_per_day=40)
    rows = len(frame)
    days = pd.to_timedelta(random.integers(-3, 900, rows), "D")
    frame = frame.assign(
        event_time=frame["event_time"].dt.tz_localize("UTC"),
        device=[f"d{each}" if each else None for each in random.integers(0, 60, rows)],
        email=[f"u{at}@{'A.example' if at % 3 else 'b.example'}" for at in range(rows)],
        items=np.where(random.random(rows) < 0.2, np.nan, random.poisson(3, rows)),
        nothing=np.nan,
        is_guest=random.random(rows) < 0.5,
    )
    frame["opened"] = (frame["event_time"] - days).mask(random.random(rows) < 0.1)
    # A missing number is null in the tables, and NaN in pandas.
    table = spark.createDataFrame(frame).replace(float("nan"), None, subset=["items", "nothing"])
    expected = fit_inputs(frame, OWN)

    fitted = fit_inputs_on_spark(table.repartition(3), OWN, FEATURE_NAMES)
    encoded = encoded_rows(table.coalesce(1), fitted.inputs.columns, fitted.matrix).toPandas()

    assert fitted.inputs == expected.inputs
    assert encoded["is_fraud"].tolist() == frame["is_fraud"].tolist()
    matrix = np.array(encoded[INPUTS].tolist(), dtype=np.float32)
    np.testing.assert_array_equal(matrix, expected.matrix)
