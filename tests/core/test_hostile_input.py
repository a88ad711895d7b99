"""Whatever comes in, it is taken or refused with its reason; nothing else happens."""

import json
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import ConfigurationError, ModelArtifactError, PermanentError
from igniteflow_core.features.positions import point
from igniteflow_core.features.state import empty_state, state_from_bytes
from igniteflow_core.online.catalogue import catalogue_items, catalogue_state
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import StoredState
from igniteflow_core.stream.judge import judge_messages
from igniteflow_core.stream.messages import Message
from tests.fuzz import hostile_json, nested, torn

pytestmark = pytest.mark.slow
TIME = 1_736_164_800_000_000
TRANSACTION = {
    "transaction_id": "T1",
    "event_time": "2025-01-06T12:00:00Z",
    "customer_id": "C1",
    "terminal_id": "S1",
    "amount": 12.5,
    "is_fraud": 0,
}
BLOCK = 500


def test_every_hostile_message_is_scored_or_dead_with_a_reason():
    bodies = hostile_json(TRANSACTION, 100_000, seed=1)
    messages = [
        Message("labels" if at % 3 == 0 else "in", 0, at, TIME, body)
        for at, body in enumerate(bodies)
    ]
    fates: Counter[str] = Counter()
    for start in range(0, len(messages), BLOCK):
        block = messages[start : start + BLOCK]
        judged = judge_messages(block, labels_topic="labels", newest=None, allowed_lateness=60)
        dead = Counter(letter.reason for letter in judged.dead_letters)
        taken = len(judged.arrivals) + len(judged.labels)
        assert taken + sum(dead.values()) == len(block)
        assert all(dead)
        fates += dead
        fates["taken"] += taken
    assert fates["taken"] > 1_000
    assert len(fates) > 8


def test_hostile_settings_are_taken_or_every_mistake_is_named(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("IGNITEFLOW_"):
            monkeypatch.delenv(name)
    good = json.loads(Path("config/base.json").read_text())
    overlay = tmp_path / "mine.json"
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
    fates: Counter[str] = Counter()
    longest = 0
    for at, content in enumerate(hostile_json(good, 3_000, seed=2)):
        overlay.write_bytes(content)
        os.utime(overlay, ns=(at, at))
        try:
            load_settings()
        except ConfigurationError as error:
            fates["refused"] += 1
            longest = max(longest, *map(len, str(error).splitlines()))
        else:
            fates["taken"] += 1
    assert min(fates["refused"], fates["taken"]) > 100
    assert longest < 2_000


@pytest.mark.parametrize("text", [nested(200_000), '{"a":' * 200_000], ids=["lists", "objects"])
def test_a_variable_that_lies_too_deep_is_refused(text, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_EXPERIMENTS", text)
    with pytest.raises(ConfigurationError, match="IGNITEFLOW_EXPERIMENTS"):
        load_settings()


def test_torn_states_are_read_or_refused():
    items = pa.table(
        {
            "item_id": ["a", "b"],
            "categories": pa.array([["x"], None], pa.list_(pa.string())),
            "in_stock": [True, None],
        }
    )
    stored = {
        "entity": (empty_state(point(1.0, 2.0)).to_bytes(), state_from_bytes),
        "history": (UserHistory({"I1": 1.0}, ("I2",), "s").to_bytes(), UserHistory.from_bytes),
        "catalogue": (
            catalogue_state(items, as_of=1).payload,
            lambda content: catalogue_items(StoredState(content, 1)),
        ),
    }
    rng = random.Random(3)
    refused: Counter[str] = Counter()
    for name, (content, read) in stored.items():
        for _ in range(5_000):
            try:
                read(torn(content, rng))
            except PermanentError:
                refused[name] += 1
    assert all(refused[name] > 500 for name in stored)


def test_torn_model_files_are_never_loaded(tmp_path):
    from igniteflow_core.recommendations.artifact import (
        ARRAYS_FILE,
        MANIFEST_FILE,
        load_recommender,
    )

    arrays = tmp_path / ARRAYS_FILE
    np.savez(arrays, item_ids=np.array(["a"]))
    whole = {
        ARRAYS_FILE: arrays.read_bytes(),
        MANIFEST_FILE: b'{"format_version": 3, "sha256": "0"}',
    }
    rng = random.Random(4)
    for _ in range(2_000):
        name = rng.choice(list(whole))
        for each, content in whole.items():
            (tmp_path / each).write_bytes(torn(content, rng) if each == name else content)
        with pytest.raises(ModelArtifactError):
            load_recommender(tmp_path)
