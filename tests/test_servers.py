from pathlib import Path

import pytest

from tests import servers


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installer of this test's own, in a home of this test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(servers, "ROOT", tmp_path)
    file = tmp_path / f"{tmp_path.name}.sh"
    file.touch(0o755)
    return file


def test_a_program_that_is_missing_is_installed_first(script: Path, tmp_path: Path):
    script.write_text(
        f"#!/bin/sh\nmkdir -p {tmp_path}/go/bin\ncp /bin/sh {tmp_path}/go/bin/a-program-of-tests\n"
    )
    found = servers.installed_by(script.name, "a-program-of-tests")
    assert found == str(tmp_path / "go/bin/a-program-of-tests")


def test_a_program_that_cannot_be_had_is_skipped_with_what_the_installer_says(
    script: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CI", raising=False)
    script.write_text("#!/bin/sh\necho Go is missing >&2\nexit 1\n")
    with pytest.raises(pytest.skip.Exception, match="says: Go is missing"):
        servers.installed_by(script.name, "a-program-of-tests")
