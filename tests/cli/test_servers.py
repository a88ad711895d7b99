"""What the servers of the command line do before and while they serve."""

import json
import os
import socket
import time
from pathlib import Path

import pytest
from dagster_graphql import DagsterGraphQLClient
from typer.testing import CliRunner

from igniteflow_cli.free_port import require_free_port
from igniteflow_cli.main import commands
from igniteflow_cli.reload import watched_paths
from igniteflow_core.errors import EnvironmentSetupError
from tests.local_server import free_port
from tests.user_interface import user_interface

_FOLLOWED_WITHIN_SECONDS = 300


@pytest.mark.parametrize("command", ["ui", "serve", "exporter"])
def test_a_taken_port_is_named_before_anything_is_started(command, workspace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(commands, [command, "--port", port])
    assert isinstance(result.exception, EnvironmentSetupError)
    assert "another program uses the port" in str(result.exception)
    assert f":{port}" in str(result.exception)


def test_an_address_that_is_not_of_this_machine_is_named():
    with pytest.raises(EnvironmentSetupError, match=r"cannot listen(.|\n)*192\.0\.2\.1"):
        require_free_port("192.0.2.1", free_port())


def test_a_free_port_stays_free():
    port = free_port()
    require_free_port("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_code_and_settings_are_watched(tmp_path, monkeypatch):
    overlay = tmp_path / "own.json"
    overlay.write_text("{}")
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
    names = {path.name for path in watched_paths()}
    assert names == {
        "igniteflow_assets", "igniteflow_resources", "igniteflow_core", "config", "own.json",
    }  # fmt: skip


_OWNERS = "{ assetNodes { assetKey { path } owners { ... on TeamAssetOwner { team } } } }"


def owners(client: DagsterGraphQLClient) -> set[str]:
    nodes = client._execute(_OWNERS)["assetNodes"]
    return {owner["team"] for node in nodes for owner in node["owners"]}


_STATUSES = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
    schedules { scheduleState { status } } sensors { sensorState { status } } } } } }"""


def statuses(client: DagsterGraphQLClient) -> set[str]:
    (repository,) = client._execute(_STATUSES)["repositoriesOrError"]["nodes"]
    states = [each["scheduleState"] for each in repository["schedules"]]
    states += [each["sensorState"] for each in repository["sensors"]]
    return {state["status"] for state in states}


@pytest.mark.slow
def test_the_ui_follows_a_change_of_the_settings_and_one_command_switches_all_on_or_off(
    workspace, tmp_path, monkeypatch
):
    overlay = tmp_path / "own.json"
    settings = json.loads(Path(os.environ["IGNITEFLOW_CONFIG_PATH"]).read_text())
    overlay.write_text(json.dumps(settings))
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
    with user_interface(tmp_path) as address:
        client = DagsterGraphQLClient("127.0.0.1", port_number=int(address.rsplit(":", 1)[1]))
        assert owners(client) == {"data-platform"}
        for switch, status in (("on", "RUNNING"), ("off", "STOPPED")):
            switched = CliRunner().invoke(commands, ["automation", switch, "--url", address])
            assert "default_automation_condition_sensor" in switched.output
            assert statuses(client) == {status}
        overlay.write_text(json.dumps({**settings, "owners": {"default": "team:cards"}}))
        deadline = time.monotonic() + _FOLLOWED_WITHIN_SECONDS
        while owners(client) != {"cards"}:
            assert time.monotonic() < deadline, (tmp_path / "ui.log").read_text()
            time.sleep(1)
        assert "own.json changed: the UI has reloaded igniteflow" in " ".join(
            (tmp_path / "ui.log").read_text().split("\n")
        )
        overlay.write_text("{")
        while "igniteflow does not load: " not in (tmp_path / "ui.log").read_text():
            assert time.monotonic() < deadline, (tmp_path / "ui.log").read_text()
            time.sleep(1)
