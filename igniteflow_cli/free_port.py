"""Whether a server may listen where it is asked to, found out before it is started."""

import errno
import socket

from igniteflow_core.errors import EnvironmentSetupError


def require_free_port(host: str, port: int) -> None:
    """Listen there for a moment.

    Raises:
        EnvironmentSetupError: another program has the port, or this user may not listen there.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise EnvironmentSetupError(
            "another program has the port" if taken else f"cannot listen: {error.strerror}",
            where=f"{host}:{port}",
            fix="end that program, or choose another port with --port"
            if taken
            else "choose another address or port, with --host or --port",
        ) from error
