"""Checks that a server can listen on its address before it is started."""

import errno
import socket

from igniteflow_core.errors import EnvironmentSetupError


def require_free_port(host: str, port: int) -> None:
    """Check that the address can be bound, by binding it briefly.

    Raises:
        EnvironmentSetupError: another program uses the port, or the user may not bind it.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise EnvironmentSetupError(
            "another program uses the port" if taken else f"cannot listen: {error.strerror}",
            where=f"{host}:{port}",
            fix="stop that program, or choose another port with --port"
            if taken
            else "choose another address or port, with --host or --port",
        ) from error
