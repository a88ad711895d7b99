"""The secret that authenticates requests to an API, and its header."""

import base64
import os
from pathlib import Path

from igniteflow_core.config.rest import AuthenticationSettings
from igniteflow_core.errors import ConfigurationError


def secret_of(authentication: AuthenticationSettings) -> str:
    """The secret, from the environment or a mounted file.

    Raises:
        ConfigurationError: the secret is missing, empty, or not valid in a header.
    """
    place = authentication.place
    if authentication.variable:
        secret = os.environ.get(authentication.variable, "")
    else:
        try:
            secret = Path(authentication.file or "").read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise _unfit(place, f"the secret cannot be read: {reason}") from error
    secret = secret.strip()
    if not secret:
        raise _unfit(place, "the secret is not set")
    if authentication.scheme != "basic" and not (secret.isascii() and secret.isprintable()):
        # The HTTP client would show the value in its own error.
        raise _unfit(place, "the secret contains characters that a header must not have")
    return secret


def header_of(authentication: AuthenticationSettings, secret: str) -> tuple[str, str]:
    """The name and the value of the header with the secret."""
    match authentication.scheme:
        case "bearer":
            return "Authorization", f"Bearer {secret}"
        case "header":
            return authentication.header or "", secret
        case "basic":
            pair = f"{authentication.user}:{secret}".encode()
            return "Authorization", f"Basic {base64.b64encode(pair).decode()}"


def _unfit(place: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        what, where=place, fix="set it where the run is, or correct rest.authentication"
    )
