"""Connections that come all at once."""

import asyncio
import socket

import uvicorn
import uvloop

from igniteflow_serving.connection import bind_promptly

CALLERS, TURNS = 60, 5


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application that nobody asks."""


def test_all_who_come_at_once_are_connected_in_a_few_turns_of_the_loop():
    async def connected_after_a_few_turns() -> int:
        config = uvicorn.Config(nothing, lifespan="off", host="127.0.0.1", port=0, log_config=None)
        listener = bind_promptly(config, arrival_seconds=1)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        callers = [socket.create_connection(listener.getsockname()) for _ in range(CALLERS)]
        for _ in range(TURNS):
            await asyncio.sleep(0)
        connected = len(server.server_state.connections)
        for caller in callers:
            caller.close()
        await server.shutdown(sockets=[listener])
        return connected

    assert uvloop.run(connected_after_a_few_turns()) == CALLERS
