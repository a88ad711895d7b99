"""The server process."""

import uvicorn

from igniteflow_core.config.settings import Settings
from igniteflow_core.telemetry.logs import configure_logging
from igniteflow_core.telemetry.tracing import configure_tracing
from igniteflow_serving.app import create_app


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; requests under way are answered first.

    Raises:
        ConfigurationError: see ``create_app``.
    """
    configure_logging("serving", settings.telemetry)
    provider = configure_tracing("serving", settings.telemetry)
    serving = settings.serving
    try:
        uvicorn.run(
            create_app(settings),
            host=serving.host,
            port=serving.port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(serving.timeout_seconds) + 1,
        )
    finally:
        if provider is not None:
            provider.shutdown()
