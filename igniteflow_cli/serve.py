"""``igniteflow serve``: serves the API with the deployed models."""

from typing import Annotated

import typer

from igniteflow_cli.free_port import require_free_port
from igniteflow_core.config.load import load_settings


def serve(
    port: Annotated[int | None, typer.Option(help="Port; overrides the settings")] = None,
    host: Annotated[str | None, typer.Option(help="Address; overrides the settings")] = None,
) -> None:
    """Serve the API with the deployed models; stop it with Ctrl-C."""
    # The import takes seconds, so other commands do not import the web server.
    from igniteflow_serving.server import serve as serve_api  # noqa: PLC0415

    settings = load_settings()
    changes = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    serving = settings.serving.model_copy(update=changes)
    require_free_port(serving.host, serving.port)
    serve_api(settings.model_copy(update={"serving": serving}))
