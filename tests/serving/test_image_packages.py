"""The API answers with the packages of its image alone, which are few."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx

from igniteflow_core.config.serving import SageMakerSettings
from igniteflow_resources.deployment.archive import model_archive
from igniteflow_resources.deployment.sagemaker import container_environment
from tests.local_server import free_port
from tests.serving.world import World, transaction

SERVER = """
import json, runpy, sys

class NotInTheImage:
    absent = set(json.loads(sys.argv[1]))
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.absent:
            raise ModuleNotFoundError(f"No module named {name!r} in the image", name=name)

sys.meta_path.insert(0, NotInTheImage())
runpy.run_module("igniteflow_serving", run_name="__main__")
"""


def image_packages() -> set[str]:
    """What uv installs for the group of the image, by uv.lock."""
    locked = tomllib.loads(Path("uv.lock").read_text())["package"]
    needs: dict[str, list[dict]] = {}
    for package in locked:
        extras = package.get("optional-dependencies", {})
        needs.setdefault(package["name"], []).extend(package.get("dependencies", []))
        for extra, dependencies in extras.items():
            needs.setdefault(f"{package['name']}[{extra}]", []).extend(dependencies)
    (own,) = (package for package in locked if package["name"] == "igniteflow")
    found: set[str] = set()
    left = list(own["dev-dependencies"]["api"])
    while left:
        wanted = left.pop()
        for name in (
            wanted["name"],
            *(f"{wanted['name']}[{extra}]" for extra in wanted.get("extra", ())),
        ):
            if name not in found:
                found.add(name)
                left += needs[name]
    return {name.partition("[")[0] for name in found}


def absent_modules() -> set[str]:
    """The modules of this environment that the image has not."""
    present = image_packages() | {"igniteflow"}
    return {
        module
        for module, distributions in packages_distributions().items()
        if present.isdisjoint(re.sub(r"[-_.]+", "-", name).lower() for name in distributions)
    }


def test_the_image_has_no_dagster_no_mlflow_and_no_spark():
    assert absent_modules() >= {
        "dagster", "mlflow", "pyspark", "sklearn", "xgboost", "pandas", "great_expectations",
    }  # fmt: skip
    assert absent_modules().isdisjoint({"fastapi", "numpy", "onnxruntime", "redis", "uvloop"})


def test_the_api_answers_with_what_the_image_has(world: World, tmp_path: Path):
    settings = world.settings
    overlay = tmp_path / "settings.json"
    overlay.write_text(
        settings.model_dump_json(include={"partitions", "sources", "online", "serving"})
    )
    variables = {
        "IGNITEFLOW_CONFIG_PATH": str(overlay),
        "IGNITEFLOW_SERVING__HOST": "127.0.0.1",
    }
    with image_server(tmp_path, variables, ready="/readyz") as client:
        scored = client.post("/predict", json=transaction())
        shown = client.post("/recommend", json={"user_id": "U1"})
    assert scored.status_code == 200, scored.text
    assert scored.json()["model_version"] == "1"
    assert shown.status_code == 200, shown.text
    assert shown.json()["model_version"] == "4"


def test_sagemaker_gets_answers_from_a_container_that_may_write_to_tmp_alone(
    world: World, tmp_path: Path
):
    told = container_environment(
        SageMakerSettings(bucket="models", image="serving", role_arn="arn:aws:iam::1:role/serving")
    )
    assert told["IGNITEFLOW_ONLINE__PATH"].startswith("/tmp/")
    # Where the container has its folders, this machine has those of the test.
    folders = {"/tmp": str(tmp_path / "tmp"), "/opt/ml/model": str(tmp_path / "model")}
    for there, here in folders.items():
        told = {name: value.replace(there, here) for name, value in told.items()}
    told["IGNITEFLOW_SERVING__HOST"] = "127.0.0.1"
    settings = world.with_serving(reasons=1).settings
    archive = io.BytesIO(model_archive(world.fraud.folder, settings))
    with tarfile.open(fileobj=archive) as opened:
        opened.extractall(tmp_path / "model", filter="data")
    app = tmp_path / "app"
    shutil.copytree("config", app / "config")
    before = sorted(app.rglob("*"))
    with image_server(tmp_path, told, ready="/ping", folder=app) as client:
        scored = client.post("/invocations", json=transaction())
    assert scored.status_code == 200, scored.text
    assert scored.json()["features"]["customer"] == "absent"
    assert len(scored.json()["reasons"]) == 1
    assert sorted(app.rglob("*")) == before


@contextmanager
def image_server(
    tmp_path: Path, variables: dict[str, str], *, ready: str, folder: Path | None = None
) -> Iterator[httpx.Client]:
    """A client of the image's program, which runs in the folder and finds no other package."""
    port = free_port()
    log = tmp_path / "server.log"
    command = [sys.executable, "-c", SERVER, json.dumps(sorted(absent_modules()))]
    told = os.environ | variables | {
        "IGNITEFLOW_SERVING__PORT": str(port), "PYTHONPATH": str(Path.cwd()),
    }  # fmt: skip
    with log.open("wb") as output, subprocess.Popen(
        command, env=told, cwd=folder, stdout=output, stderr=output
    ) as server:  # fmt: skip
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                wait_until_ready(client, ready, server, log)
                yield client
        finally:
            server.terminate()


def wait_until_ready(client: httpx.Client, path: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.poll() is None, log.read_text()
        try:
            if client.get(path).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
