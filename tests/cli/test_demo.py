"""The first quarter of an hour: a demo, and what it says one can do next."""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.terminal import OWN_LINE, VIEW_LINE, on_a_terminal
from tests.local_server import free_port
from tests.user_interface import end_group, wait_until_it_answers
from tests.workspace import workspace_variables

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.spark]


@dataclass(frozen=True)
class Demo:
    """What it said, where it ran, and the variables that it ran with."""

    code: int
    lines: list[str]
    folder: Path
    variables: dict[str, str]

    def command(self, name: str) -> list[str]:
        """The command as the demo ends with it."""
        (line,) = (line for line in self.lines if re.match(rf"  \S*igniteflow {name}\b", line))
        return shlex.split(line)

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                words, cwd=self.folder, env=os.environ | self.variables, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, simulated: Path) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    for name in ("config", ".jars", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    variables = {
        **workspace_variables(folder, simulated),
        "DAGSTER_HOME": str(folder / "dagster"),
        "IGNITEFLOW_SERVING__PORT": str(free_port()),
    }
    code, lines = on_a_terminal("demo", folder=folder, variables=variables)
    return Demo(code, lines, folder, variables)


def test_nothing_of_a_library_is_on_the_terminal(demo: Demo):
    assert demo.code == 0, demo.lines[-20:]
    foreign = [line for line in demo.lines if not (OWN_LINE.match(line) or VIEW_LINE.match(line))]
    assert foreign == []
    (named,) = {line for line in demo.lines if line.startswith("Log of the libraries: ")}
    assert (demo.folder / named.removeprefix("Log of the libraries: ")).stat().st_size > 0


def test_the_terminal_shows_what_is_done_and_what_runs(demo: Demo):
    view = "\n".join(demo.lines)
    done = [int(number) for number in re.findall(r"(\d+) of \d+ steps · ", view)]
    assert done[0] == 0
    assert done == sorted(done)
    assert re.search(r"^  validated_transactions \d+:\d\d$", view, re.MULTILINE)
    assert re.search(r"^✓ +\d+/\d+ raw_transactions \d+\.\d s, [\d,]+ rows$", view, re.MULTILINE)


@pytest.fixture(scope="module")
def api(demo: Demo) -> Iterator[str]:
    """The address of the API as the demo's command starts it."""
    process = demo.start(*demo.command("serve"))
    address = f"http://127.0.0.1:{demo.variables['IGNITEFLOW_SERVING__PORT']}"
    try:
        deadline = time.monotonic() + 180
        while not _is_ready(address):
            assert time.monotonic() < deadline, (demo.folder / "server.log").read_text()
            time.sleep(0.5)
        yield address
    finally:
        end_group(process)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_the_first_requests_are_about_who_exists(demo: Demo, api: str):
    calls = [shlex.split(line) for line in demo.lines if line.startswith("      curl ")]
    answers = {}
    for call in calls:
        asked = subprocess.run(
            [call[0], "-s", "--noproxy", "*", *call[1:]],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        answers[call[-1].rsplit("/", 1)[1]] = json.loads(asked.stdout)
    assert set(answers) == {"predict", "recommend"}
    features = answers["predict"]["features"]
    assert (features["customer"], features["terminal"]) == ("fresh", "fresh")
    assert answers["recommend"]["history"] == "known"
    assert answers["recommend"]["items"]


def test_the_examples_of_the_documentation_are_about_who_exists(demo: Demo, api: str):
    paths = httpx.get(f"{api}/openapi.json", trust_env=False).json()["paths"]
    answers = {
        (path, name): _post(f"{api}{path}", example["value"])
        for path, operations in paths.items()
        for name, example in _examples(operations.get("post", {})).items()
    }
    assert len(answers) >= 6
    for answer in (answers["/predict", "one"], answers["/predict", "many"]["predictions"][0]):
        assert "absent" not in answer["features"].values()
    assert answers["/recommend", "known"]["history"] == "known"
    assert answers["/recommend", "new"]["source"] == "hybrid"
    assert answers["/similar", "item"]["items"]


def _examples(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    return dict(content.get("application/json", {}).get("examples", {}))


def _post(address: str, body: Any) -> Any:
    return httpx.post(address, json=body, trust_env=False).raise_for_status().json()


def test_the_page_of_business_figures_is_written(demo: Demo):
    done = subprocess.run(
        demo.command("business"), cwd=demo.folder, env=os.environ | demo.variables,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("Wrote business_report.html\n", "")
    assert "<h1>" in (demo.folder / "business_report.html").read_text()


def test_the_ui_answers(demo: Demo):
    port = free_port()
    process = demo.start(*demo.command("ui"), "--port", str(port))
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}", process, demo.folder / "server.log")
    finally:
        end_group(process)
