"""The request that a model version is tried with is one that the API takes."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from igniteflow_assets.serving.endpoints import request_of
from igniteflow_core.schemas.own_columns import OwnColumn
from igniteflow_serving.contract import requests_with

OWN = {
    "device": OwnColumn(type="categorical"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean", nulls="refuse"),
    "lat": OwnColumn(type="terminal_latitude", nulls="refuse"),
    "long": OwnColumn(type="terminal_longitude", nulls="refuse"),
}


@pytest.mark.parametrize(("device", "items"), [("d1", 3.0), (None, np.nan)])
def test_it_holds_the_own_columns_of_the_row(device, items):
    frame = pd.DataFrame(
        {
            "event_time": [datetime(2025, 3, 1, tzinfo=UTC)],
            "customer_id": ["c"],
            "terminal_id": ["t"],
            "amount": [12.5],
            "device": [device],
            "items": [items],
            "is_guest": np.array([True]),
            "lat": [48.137],
            "long": [11.575],
        }
    )
    body = json.loads(json.dumps(request_of(frame.iloc[0], OWN)))
    taken = requests_with(OWN)[0].model_validate(body)
    expected = [device, None if device is None else 3, True, 48.137, 11.575]
    assert [getattr(taken, name) for name in OWN] == expected
