import hashlib
import json

import numpy as np
import pytest

from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.recommendations.artifact import (
    ARRAYS_FILE,
    MANIFEST_FILE,
    load_recommender,
    save_recommender,
)


@pytest.fixture
def folder(recommender, tmp_path):
    save_recommender(recommender, tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_recommender_scores_exactly_as_the_saved_one(recommender, folder, train):
    loaded = load_recommender(folder)
    assert (loaded.item_ids == recommender.item_ids).all()
    np.testing.assert_array_equal(loaded.score(train.weights), recommender.score(train.weights))


def test_nothing_but_the_two_files_is_left(folder):
    assert {path.name for path in folder.iterdir()} == {ARRAYS_FILE, MANIFEST_FILE}


def test_an_altered_array_is_refused(folder):
    path = folder / ARRAYS_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ModelArtifactError, match="not what the manifest says"):
        load_recommender(folder)


@pytest.mark.parametrize("name", [ARRAYS_FILE, MANIFEST_FILE])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelArtifactError, match=name):
        load_recommender(folder)


def test_another_format_version_is_refused(folder):
    path = folder / MANIFEST_FILE
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"format_version": 99}))
    with pytest.raises(ModelArtifactError, match="version 99"):
        load_recommender(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_broken_manifest_is_refused(folder, text):
    (folder / MANIFEST_FILE).write_text(text)
    with pytest.raises(ModelArtifactError, match="manifest is not readable"):
        load_recommender(folder)


def test_arrays_other_than_the_manifest_lists_are_refused(folder):
    path = folder / MANIFEST_FILE
    manifest = json.loads(path.read_text())
    manifest["arrays"]["weights_sizes"] = [1]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelArtifactError, match="not those of the manifest"):
        load_recommender(folder)


def test_pickled_arrays_are_refused_even_with_a_matching_sha256(folder):
    path = folder / ARRAYS_FILE
    with np.load(path, allow_pickle=False) as stored:
        arrays = dict(stored)
    arrays["item_ids"] = arrays["item_ids"].astype(object)
    np.savez(path, **arrays)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest = json.loads((folder / MANIFEST_FILE).read_text())
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest | {"sha256": sha256}))
    with pytest.raises(ModelArtifactError, match="cannot be read"):
        load_recommender(folder)
