"""The category of a value of an own column, as models and entities use it."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal, TypeAlias

CategoryType: TypeAlias = Literal["categorical", "ip", "email"]

CATEGORY_TYPES: Final[Mapping[str, CategoryType]] = {
    "categorical": "categorical",
    "ip": "ip",
    "email": "email",
}
"""The types of own columns that are compared by a category."""

_IPV4_BITS: Final = 24
_IPV6_BITS: Final = 48
"""The largest network that a provider usually assigns to one customer."""

MISSING: Final = ""
"""The category of a missing value; present text is never empty."""


def categories_of(type_: CategoryType, values: Sequence[object]) -> list[str]:
    """The category of each value; the category of a missing value is ``MISSING``.

    It is the network of an IP address and the domain of an e-mail address, because a model should
    not store the addresses of persons.
    """
    find = _CATEGORY_OF[type_]
    # Missing text is None or NaN in tables of pandas.
    return [find(each) if isinstance(each, str) else MISSING for each in values]


@lru_cache(maxsize=100_000)
def _network_of(address: str) -> str:
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    bits = _IPV6_BITS if isinstance(ip, IPv6Address) else _IPV4_BITS
    return str(ip_network((ip, bits), strict=False))


def _domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


_CATEGORY_OF: Final[Mapping[CategoryType, Callable[[str], str]]] = {
    "categorical": str,
    "ip": _network_of,
    "email": _domain_of,
}
