"""Checks for a suitable Java installation before Spark is started."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from igniteflow_core.errors import EnvironmentSetupError

MINIMUM_JAVA = 17
_VECTOR_MODULE = "jdk.incubator.vector"
_INSTALL = (
    f"install Java {MINIMUM_JAVA} or newer and, if several are installed, point JAVA_HOME at it "
    "(Debian and Ubuntu: apt-get install openjdk-17-jre-headless; Fedora: dnf install "
    "java-17-openjdk-headless; macOS: brew install openjdk@17; Windows: winget install "
    "EclipseAdoptium.Temurin.17.JRE)"
)


def java_executable() -> Path:
    """Return the Java that Spark starts: JAVA_HOME's, otherwise the first on PATH.

    Raises:
        EnvironmentSetupError: Java was not found.
    """
    home = os.environ.get("JAVA_HOME")
    if home:
        candidate = Path(home, "bin", "java")
        if not candidate.exists():
            raise EnvironmentSetupError(
                "JAVA_HOME contains no Java", where=f"JAVA_HOME={home}", fix=_INSTALL
            )
        return candidate
    executable = shutil.which("java")
    if executable is None:
        raise EnvironmentSetupError("Java was not found", where="PATH", fix=_INSTALL)
    return Path(executable)


def java_version(java: Path) -> str:
    """Return the version that this Java reports, such as ``17.0.15`` or ``1.8.0_402``.

    Raises:
        EnvironmentSetupError: Java does not run, or reports no version.
    """
    result = _run(java, "-version")
    match = re.search(r'version "([^"]+)"', result)
    if match is None:
        raise EnvironmentSetupError("Java reports no version", where=str(java), fix=_INSTALL)
    return match.group(1)


def check_java() -> str:
    """Check that Spark can run on the installed Java, and return its version.

    Raises:
        EnvironmentSetupError: Java is missing, too old, or lacks a module that Spark needs.
    """
    return _checked(java_executable())


@cache
def _checked(java: Path) -> str:
    version = java_version(java)
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    major = numbers[1] if numbers[0] == 1 else numbers[0]
    if major < MINIMUM_JAVA:
        raise EnvironmentSetupError(
            f"Java {version} is too old: Spark needs {MINIMUM_JAVA} or newer",
            where=str(java),
            fix=_INSTALL,
        )
    if _VECTOR_MODULE not in _run(java, "--list-modules"):
        raise EnvironmentSetupError(
            f"this Java lacks the module {_VECTOR_MODULE}, which Spark needs",
            where=str(java),
            fix=f"use a full JDK or JRE instead of a reduced one: {_INSTALL}",
        )
    return version


def _run(java: Path, option: str) -> str:
    try:
        result = subprocess.run(  # noqa: S603 - the executable is JAVA_HOME's or PATH's own java
            [str(java), option], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentSetupError(
            f"Java does not run: {error}", where=str(java), fix=_INSTALL
        ) from error
    return result.stdout + result.stderr
