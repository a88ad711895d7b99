"""The commands to try after a first run; they can be copied unchanged."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dagster import AssetKey, DagsterInstance

from igniteflow_cli.ui import PORT
from igniteflow_core.config.serving import ServingSettings

_ROUTES = {"fraud_endpoint": "predict", "recommendation_endpoint": "recommend"}
"""The route of each asset that rolls out a model."""


def next_steps(instance: DagsterInstance, serving: ServingSettings) -> Iterator[str]:
    """Yield lines for the UI, the API with one request to each route, and the business report."""
    program, api = _program(), f"http://{serving.host}:{serving.port}"
    yield "Next steps (run ui and serve each in its own terminal):"
    yield f"  {program} ui"
    yield f"      the Dagster UI, at http://127.0.0.1:{PORT}"
    yield f"  {program} automation on"
    yield "      the schedules and sensors, switched on in the running UI"
    yield f"  {program} serve"
    yield f"      the API, at {api}, with its documentation at /docs; example requests:"
    for asset, route in _ROUTES.items():
        request = _first_request(instance, asset)
        if request is not None:
            yield f"      curl -d {shlex.quote(json.dumps(request))} {api}/{route}"
    yield f"  {program} business --to business_report.html"
    yield "      the business value of the models, as a page to open in a browser"


def _program() -> str:
    """Return the command of this program as it can be typed in the working folder."""
    own = Path(sys.executable).with_name("igniteflow")
    on_path = shutil.which("igniteflow")
    if on_path is not None and Path(on_path) == own:
        return "igniteflow"
    here = Path.cwd()
    return shlex.quote(str(own.relative_to(here) if own.is_relative_to(here) else own))


def _first_request(instance: DagsterInstance, asset: str) -> Mapping[str, Any] | None:
    # The import takes seconds, so other commands do not import it.
    from igniteflow_assets.serving.endpoints import FIRST_REQUEST  # noqa: PLC0415

    event = instance.get_latest_materialization_event(AssetKey(asset))
    metadata = event.asset_materialization.metadata if event and event.asset_materialization else {}
    request = metadata.get(FIRST_REQUEST)
    return None if request is None else dict(request.value)  # type: ignore[arg-type]
