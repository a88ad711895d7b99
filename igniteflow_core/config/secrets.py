"""Masks the settings that may hold a secret wherever settings are shown."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, PlainSerializer

MASK: Final = "**********"
"""As pydantic shows its own secrets."""

HIDDEN_NAMES: Final = (
    r"(?i)secret|passw|passphrase|token|credential|jaas|webhook|userinfo|basic[._-]?auth"
    r"|authorization|(access|private|account|api|sas|encryption)[._-]?key"
)
"""Names of settings that are likely to hold a secret, as Python and Java read it."""


def is_secret(name: str) -> bool:
    """Whether a setting of this name, such as ``sasl.password``, is likely to hold a secret."""
    return re.search(HIDDEN_NAMES, name) is not None


class _Options(dict[str, str]):
    def __repr__(self) -> str:
        return repr(shown(self))


def shown(options: dict[str, str]) -> dict[str, str]:
    """The options as they may be shown: those whose names are of secrets are masked."""
    return {
        name: MASK if is_secret(name) or _has_password(value) else value
        for name, value in options.items()
    }


def secrets_of(options: dict[str, str]) -> dict[str, str]:
    """The options that ``shown`` masks."""
    return {name: options[name] for name, value in shown(options).items() if value == MASK}


def _has_password(address: str) -> bool:
    try:
        if "://" not in address:
            return False
        # The address of a database begins with jdbc: and names its parameters after ? or ;.
        parameters = re.findall(r"[?&;]([^=?&;]+)=", address)
        user_and_host = urlsplit(address.removeprefix("jdbc:"))
        return user_and_host.password is not None or any(map(is_secret, parameters))
    except ValueError:
        # This is not a valid address, so its text may contain anything, a secret included.
        return True


def _without_password(address: str) -> str:
    if _has_password(address):
        raise ValueError(
            "an address must not contain a password, as addresses are shown in logs and pages: "
            "remove it, and set it the way that the program behind the address reads it "
            "(docs/SECURITY.md)"
        )
    return address


Options = Annotated[
    dict[str, str],
    AfterValidator(_Options),
    PlainSerializer(shown, return_type=dict[str, str]),
]
"""Names and values for another program; those that look like secrets are masked when shown."""

Address = Annotated[str, AfterValidator(_without_password)]
"""A host or URL that must not contain a password."""
