import json
import shutil

import pytest
from pydantic import ValidationError

from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.errors import ModelArtifactError


class KilledError(Exception):
    pass


def write(folder):
    for name in ("a", "b"):
        (folder / name).write_text(name)


def files_of(endpoint, version):
    return sorted(path.name for path in endpoint.version_folder(version).iterdir())


@pytest.fixture
def endpoint(tmp_path) -> Endpoint:
    endpoint = Endpoint(tmp_path / "fraud")
    for version in ("1", "2"):
        endpoint.add_version(version, write)
    return endpoint


def test_a_version_whose_deletion_was_cut_short_is_written_anew(endpoint, monkeypatch):
    delete = shutil.rmtree

    def die_half_way(folder, **options):
        (folder / "a").unlink()
        raise KilledError

    monkeypatch.setattr(shutil, "rmtree", die_half_way)
    with pytest.raises(KilledError):
        endpoint.remove_unused(Rollout(champion="2"))
    monkeypatch.setattr(shutil, "rmtree", delete)

    assert not endpoint.version_folder("1").exists()
    endpoint.add_version("1", write)
    assert files_of(endpoint, "1") == ["a", "b"]


def test_what_was_cut_short_is_gone_after_the_next_deletion(endpoint):
    for left in (".1.removed", ".3.partial"):
        (endpoint.version_folder(left)).mkdir()
        (endpoint.version_folder(left) / "a").write_text("half")
    endpoint.remove_unused(Rollout(champion="2"))
    assert [path.name for path in endpoint.version_folder("2").parent.iterdir()] == ["2"]
    assert files_of(endpoint, "2") == ["a", "b"]


@pytest.mark.parametrize(
    "name", ["../2", "/etc", "..", ".1.removed", "2/../../x", "2\x00", "", "2\n", "v" * 65]
)
def test_a_version_is_a_name_never_a_path(endpoint, name):
    with pytest.raises(ValidationError):
        Rollout(champion=name)
    (endpoint.folder / "rollout.json").write_text(json.dumps({"champion": name}))
    with pytest.raises(ModelArtifactError):
        endpoint.rollout()
