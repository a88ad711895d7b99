"""The server process."""

import contextlib

import uvicorn

from igniteflow_core.config.settings import Settings
from igniteflow_core.telemetry.logs import configure_logging
from igniteflow_core.telemetry.tracing import configure_tracing
from igniteflow_serving.app import create_app
from igniteflow_serving.connection import bind_promptly
from igniteflow_serving.memory import keep_freed_memory, keep_what_is_loaded
from igniteflow_serving.threads import multiply_in_one_thread

_KEEP_ALIVE_SECONDS = 75
"""Longer than load balancers keep theirs (60 s), so they never send into a closed connection."""

_ARRIVALS = 2
"""Times the time of a request within which it has to arrive: one that is told that it was too slow
gets the answer before its connection ends."""


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; requests under way are answered first.

    Raises:
        ConfigurationError: see ``create_app``.
    """
    keep_freed_memory()
    multiply_in_one_thread()
    configure_logging("serving", settings)
    provider = configure_tracing("serving", settings.telemetry)
    serving = settings.serving
    app = create_app(settings, on_start=keep_what_is_loaded)
    config = uvicorn.Config(
        app,
        host=serving.host,
        port=serving.port,
        loop="uvloop",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(serving.timeout_seconds) + 1,
    )
    try:
        listener = bind_promptly(config, _ARRIVALS * serving.timeout_seconds)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        if provider is not None:
            provider.shutdown()
