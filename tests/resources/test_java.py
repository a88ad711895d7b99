import stat
from pathlib import Path

import pytest

from igniteflow_core.errors import EnvironmentSetupError
from igniteflow_resources.spark.java import check_java, java_version


def java_home(folder: Path, version_line: str, modules: str = "jdk.incubator.vector@17") -> Path:
    """A Java home whose ``java`` says what the test wants."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\n"
        f"if [ \"$1\" = -version ]; then echo '{version_line}' >&2; else echo '{modules}'; fi\n"
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return folder


def test_the_java_of_this_machine_is_fit():
    assert int(check_java().split(".")[0]) >= 17


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', "17.0.15"),
        ('openjdk version "21-ea" 2023-09-19', "21-ea"),
    ],
)
def test_a_new_enough_java_passes(tmp_path, monkeypatch, line, version):
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path, line)))
    assert check_java() == version


@pytest.mark.parametrize(
    "line", ['openjdk version "11.0.2" 2019-01-15', 'java version "1.8.0_402"']
)
def test_an_old_java_is_refused_with_what_to_install(tmp_path, monkeypatch, line):
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path, line)))
    with pytest.raises(EnvironmentSetupError, match=r"too old(.|\n)*apt-get install openjdk-17"):
        check_java()


def test_a_missing_java_is_refused_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentSetupError, match=r"not found(.|\n)*apt-get install openjdk-17"):
        check_java()


def test_a_java_home_without_java_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EnvironmentSetupError, match=str(tmp_path)):
        check_java()


def test_a_reduced_java_without_the_vector_module_is_refused(tmp_path, monkeypatch):
    home = java_home(tmp_path, 'openjdk version "17.0.1"', modules="java.base@17")
    monkeypatch.setenv("JAVA_HOME", str(home))
    with pytest.raises(EnvironmentSetupError, match=r"jdk\.incubator\.vector"):
        check_java()


def test_a_java_that_states_no_version_is_refused(tmp_path):
    home = java_home(tmp_path, "hello")
    with pytest.raises(EnvironmentSetupError, match="reports no version"):
        java_version(home / "bin" / "java")


def test_a_java_that_does_not_run_is_refused(tmp_path):
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(EnvironmentSetupError, match="does not run"):
        java_version(broken)
