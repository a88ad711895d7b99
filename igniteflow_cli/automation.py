"""``igniteflow automation``: switch the schedules and sensors, as the UI does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import requests
import typer
from rich.console import Console
from rich.table import Table

from igniteflow_cli.reload import LOCATION
from igniteflow_cli.ui import PORT
from igniteflow_core.errors import EnvironmentSetupError

commands = typer.Typer(help="Schedules and sensors, of the UI that runs.", no_args_is_help=True)
Url = Annotated[str, typer.Option(help="Address of the UI, whose GraphQL API is asked")]

_HERE: Final = f"http://127.0.0.1:{PORT}"
_SECONDS: Final = 60

_LIST: Final = """query {
  repositoriesOrError { ... on RepositoryConnection { nodes {
    name location { name }
    schedules { name state: scheduleState { id status } }
    sensors { name state: sensorState { id status } }
  } } }
}"""
_START_SCHEDULE: Final = """mutation($selector: ScheduleSelector!) {
  done: startSchedule(scheduleSelector: $selector) {
    __typename ... on PythonError { message } ... on UnauthorizedError { message }
  }
}"""
_START_SENSOR: Final = """mutation($selector: SensorSelector!) {
  done: startSensor(sensorSelector: $selector) {
    __typename ... on PythonError { message } ... on UnauthorizedError { message }
  }
}"""
_STOP_SCHEDULE: Final = """mutation($id: String!) {
  done: stopRunningSchedule(id: $id) {
    __typename ... on PythonError { message } ... on UnauthorizedError { message }
  }
}"""
_STOP_SENSOR: Final = """mutation($id: String!) {
  done: stopSensor(id: $id) {
    __typename ... on PythonError { message } ... on UnauthorizedError { message }
  }
}"""


@dataclass(frozen=True)
class _Starter:
    """A schedule or a sensor.

    Attributes:
        kind: which of the two.
        name: of it.
        repository: that it is of, in Dagster's sense.
        state: the id of its state.
        is_running: whether it is switched on.
    """

    kind: str
    name: str
    repository: str
    state: str
    is_running: bool

    def switch(self, url: str, *, on: bool) -> None:
        """Start or stop it."""
        if not on:
            stop = _STOP_SENSOR if self.kind == "sensor" else _STOP_SCHEDULE
            _ask(url, stop, {"id": self.state})
            return
        selector = {
            "repositoryLocationName": LOCATION,
            "repositoryName": self.repository,
            f"{self.kind}Name": self.name,
        }
        start = _START_SENSOR if self.kind == "sensor" else _START_SCHEDULE
        _ask(url, start, {"selector": selector})


@commands.command("on")
def on(url: Url = _HERE) -> None:
    """Switch every schedule and sensor on, the automation conditions included."""
    _switch(url, on=True)


@commands.command("off")
def off(url: Url = _HERE) -> None:
    """Switch every schedule and sensor off; runs that have begun go on."""
    _switch(url, on=False)


@commands.command("list")
def list_all(url: Url = _HERE) -> None:
    """Show which schedules and sensors are on."""
    table = Table("name", "kind", "on")
    for each in _starters(url):
        table.add_row(each.name, each.kind, "yes" if each.is_running else "no")
    Console().print(table)


def _switch(url: str, *, on: bool) -> None:
    to_switch = [each for each in _starters(url) if each.is_running != on]
    for each in to_switch:
        each.switch(url, on=on)
    state = "on" if on else "off"
    names = ", ".join(each.name for each in to_switch)
    Console().print(f"Switched {state}: {names or f'nothing, as all were {state}'}", soft_wrap=True)


def _starters(url: str) -> Iterator[_Starter]:
    answer = _ask(url, _LIST, {})
    ours = [
        repository
        for repository in answer["repositoriesOrError"].get("nodes", ())
        if repository["location"]["name"] == LOCATION
    ]
    if not ours:
        raise EnvironmentSetupError(
            f"the UI has not loaded the code location {LOCATION}",
            where=url,
            fix="see under Deployment in the UI why it does not load",
        )
    for repository in ours:
        for kind in ("schedule", "sensor"):
            for each in repository[f"{kind}s"]:
                state = each["state"]
                yield _Starter(
                    kind,
                    each["name"],
                    repository["name"],
                    state["id"],
                    state["status"] == "RUNNING",
                )


def _ask(url: str, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The answer's data.

    Raises:
        EnvironmentSetupError: the UI does not respond, or it refuses the request.
    """
    try:
        answer = requests.post(
            f"{url.rstrip('/')}/graphql",
            json={"query": query, "variables": variables},
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise EnvironmentSetupError(
            f"the UI does not answer: {type(error).__name__}",
            where=url,
            fix="start it with igniteflow ui, or name its address by --url",
        ) from error
    data: dict[str, Any] = body.get("data") or {}
    refused = [each["message"] for each in body.get("errors", ())]
    if "message" in data.get("done", {}):
        refused.append(data["done"]["message"])
    if refused:
        raise EnvironmentSetupError(
            f"the UI refuses: {refused[0]}",
            where=url,
            fix="see its log, and whether its users may switch schedules and sensors",
        )
    return data
