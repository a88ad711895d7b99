"""A disk that is full is shown in one message, whoever meets it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.main import app


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk of its own")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def told_of(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "igniteflow_cli", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_file_that_is_asked_for_has_no_room(workspace, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.html"
    page.write_text("<h1>Fraud in money</h1>")
    with dagster_instance() as instance:
        metadata = {"page": dg.MetadataValue.url(page.as_uri())}
        instance.report_runless_asset_event(
            dg.AssetMaterialization("business_report", metadata=metadata)
        )
    monkeypatch.setattr("sys.argv", ["igniteflow", "business", "--to", "/dev/full"])
    with pytest.raises(SystemExit) as caught:
        app()
    assert caught.value.code == 1
    errors = capsys.readouterr().err
    assert "there is no space left on the disk" in errors
    assert "free space" in errors
    assert "Traceback" not in errors


def test_another_error_keeps_its_stack_trace(monkeypatch):
    def broken() -> None:
        raise ValueError("no")

    monkeypatch.setattr("igniteflow_cli.main.commands", broken)
    with pytest.raises(ValueError, match="no"):
        app()


@pytest.mark.slow
def test_dagsters_records_have_no_room(workspace, small_disk, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(small_disk / "home"))
    with (small_disk / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, 1_000_000)
    result = told_of("summary")
    assert result.returncode == 1
    assert "there is no space left on the disk" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.spark
def test_the_lake_has_no_room(workspace, small_disk, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_LAKE__ROOT", str(small_disk / "lake"))
    result = told_of("run", "--job", "ingestion_job")
    assert result.returncode == 1
    assert "failed: there is no space left on the disk" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert result.stderr == ""
