"""Saving and loading: exact, complete, and loud about damage."""

import json

import numpy as np
import pytest

from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.fraud.artifact import MEMBER_FILES, load_ensemble, save_ensemble

FILES = ("ensemble.json", *MEMBER_FILES.values())


@pytest.fixture
def folder(ensemble, tmp_path):
    save_ensemble(ensemble.with_threshold(0.31), tmp_path / "model")
    return tmp_path / "model"


def test_loaded_ensemble_predicts_exactly_as_before(ensemble, test_window, folder):
    loaded = load_ensemble(folder)

    assert len(test_window.X) == 10_000
    assert np.array_equal(
        loaded.predict_proba(test_window.X), ensemble.predict_proba(test_window.X)
    )
    before = ensemble.member_scores(test_window.X)
    for name, scores in loaded.member_scores(test_window.X).items():
        assert np.array_equal(scores, before[name]), name
    assert loaded.threshold == 0.31
    assert loaded.feature_names == ensemble.feature_names
    assert loaded.weights == ensemble.weights
    assert (loaded.combination, loaded.gains) == (ensemble.combination, ensemble.gains)


def test_saving_a_loaded_ensemble_writes_the_same_bytes(folder, tmp_path):
    save_ensemble(load_ensemble(folder), tmp_path / "again")

    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelArtifactError, match="not what the manifest says"):
        load_ensemble(folder)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_missing_file_is_named(folder, name):
    (folder / name).unlink()

    with pytest.raises(ModelArtifactError, match=name.replace(".", r"\.")):
        load_ensemble(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format version 2"),
        ({"sha256": {}}, "not what the manifest says"),
        ({"sha256": "none"}, "does not validate"),
    ],
)
def test_manifest_that_does_not_fit_is_refused(folder, change, message):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | change))

    with pytest.raises(ModelArtifactError, match=message):
        load_ensemble(folder)


def test_manifest_that_is_not_json_is_refused(folder):
    (folder / "manifest.json").write_text("[]")

    with pytest.raises(ModelArtifactError, match="not readable"):
        load_ensemble(folder)


def test_half_written_folder_cannot_be_loaded(ensemble, folder, monkeypatch):
    def cut_short(self, content):
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.write_bytes", cut_short)
        with pytest.raises(OSError, match="disk full"):
            save_ensemble(ensemble, folder)

    with pytest.raises(ModelArtifactError, match=r"manifest\.json"):
        load_ensemble(folder)
