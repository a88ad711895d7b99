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
"""Longer than a load balancer's timeout (60 s), so that it never uses a closed connection."""

_ARRIVAL_FACTOR = 2
"""The time for a request to arrive, as a multiple of its timeout: a request that times out gets the
response 504 before its connection is closed."""


def serve(settings: Settings) -> None:
    """Serve until a signal stops the process; requests in progress are completed first.

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
        listener = bind_promptly(config, _ARRIVAL_FACTOR * serving.timeout_seconds)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        if provider is not None:
            provider.shutdown()
