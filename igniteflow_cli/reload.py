"""Runs beside the UI and reloads the code location when code or settings change."""

import os
import sys
from pathlib import Path
from typing import Final

import requests
from dagster_graphql import (
    DagsterGraphQLClient,
    DagsterGraphQLClientError,
    ReloadRepositoryLocationStatus,
)
from gql.transport.exceptions import TransportError
from rich.console import Console
from watchfiles import Change, DefaultFilter, watch

import igniteflow_assets
import igniteflow_core
import igniteflow_resources
from igniteflow_core.config.load import OVERLAY_VARIABLE

LOCATION: Final = "igniteflow"
"""The code location's name in pyproject.toml and workspace.yaml."""

_WATCHED: Final = (".py", ".json", ".j2")
# Wildcard addresses cannot be connected to, so a server that listens on one is reached locally.
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 # nosec B104
_POLL_MILLISECONDS: Final = 1_000


class _CodeAndSettings(DefaultFilter):
    """Accepts files of the code location, and ignores temporary files of Python and editors."""

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(_WATCHED) and super().__call__(change, path)


def watched_paths() -> list[Path]:
    """Return the folders of the platform's packages, and the folders of the settings."""
    packages = (igniteflow_assets, igniteflow_resources, igniteflow_core)
    paths = [Path(folder) for package in packages for folder in package.__path__]
    paths.append(Path("config"))
    overlay = os.environ.get(OVERLAY_VARIABLE)
    if overlay:
        paths.append(Path(overlay))
    return [path for path in paths if path.exists()]


def reload_on_change(host: str, port: int, console: Console) -> None:
    """Reload after each change and print a line about it, until the UI exits.

    Args:
        host: host of the UI, which is the parent process.
        port: port of the UI.
        console: console for the lines.
    """
    user_interface = os.getppid()
    for changes in watch(
        *watched_paths(),
        watch_filter=_CodeAndSettings(),
        rust_timeout=_POLL_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if os.getppid() != user_interface:
            return
        if changes:
            names = ", ".join(sorted({Path(path).name for _, path in changes}))
            message = _reload(_EVERY_ADDRESS.get(host, host), port)
            console.print(f"{names} changed: {message}", soft_wrap=True, markup=False)


def _reload(host: str, port: int) -> str:
    try:
        client = DagsterGraphQLClient(host, port_number=port)
        outcome = client.reload_repository_location(LOCATION)
    except (requests.RequestException, TransportError, DagsterGraphQLClientError) as error:
        return f"the UI has not reloaded it ({type(error).__name__}); use its button Reload"
    if outcome.status is ReloadRepositoryLocationStatus.SUCCESS:
        return f"the UI has reloaded {LOCATION}"
    reason = (outcome.message or str(outcome.failure_type)).strip().splitlines()[0]
    return f"{LOCATION} does not load: {reason}"


if __name__ == "__main__":
    reload_on_change(sys.argv[1], int(sys.argv[2]), Console())
