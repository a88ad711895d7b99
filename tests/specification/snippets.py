"""The specification's own snippets, which lie beside the project where it is built and tested."""

import os
import shlex
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "specification"


def snippet(name: str) -> Path:
    """The file of that name; a clone has none, and then the test is skipped."""
    if not FOLDER.is_dir():
        pytest.skip("the specification's snippets are not beside this clone (../shared)")
    return FOLDER / name


def variables(name: str) -> dict[str, str]:
    """What a file of environment variables sets."""
    lines = [line.partition("=") for line in shlex.split(snippet(name).read_text(), comments=True)]
    return {variable: value for variable, _, value in lines}


def without_variables_of_the_platform(patch: pytest.MonkeyPatch) -> None:
    """As in a shell in which nothing was set."""
    for name in list(os.environ):
        if name.startswith("IGNITEFLOW_"):
            patch.delenv(name)
