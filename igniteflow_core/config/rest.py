"""How the pages of a REST API are requested, and where their rows are."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import is_secret

DATE = "{date}"
NEXT_DATE = "{next_date}"


class AuthenticationSettings(SettingsGroup):
    """How requests to an API are authenticated; settings never contain the secret itself.

    ``scheme`` is ``bearer`` for a token, ``header`` for a secret in the header of that name, or
    ``basic`` for a user and a password. The secret is the value of the environment's ``variable``
    or the content of ``file``.
    """

    scheme: Literal["bearer", "header", "basic"]
    variable: str | None = None
    file: str | None = None
    header: str | None = None
    user: str | None = None

    @property
    def place(self) -> str:
        """Where the secret is, as error messages name it."""
        return f"the variable {self.variable}" if self.variable else f"the file {self.file}"

    @model_validator(mode="after")
    def _what_the_scheme_takes(self) -> "AuthenticationSettings":
        if (self.variable is None) == (self.file is None):
            raise ValueError("takes either variable or file, where the secret is")
        for name, scheme in (("header", "header"), ("user", "basic")):
            if (getattr(self, name) is not None) != (self.scheme == scheme):
                raise ValueError(f"{name} belongs to scheme {scheme}, and to no other")
        return self


class PagingSettings(SettingsGroup):
    """How one page leads to the next.

    ``by`` is ``page`` or ``offset`` for a ``parameter`` that is the number of the page, or of the
    rows before it, and begins at ``first`` (1 or 0 by default); the first page without rows is the
    last. With ``cursor``, the response has at the JSON path ``cursor`` the value of ``parameter``
    for the next page or, without ``parameter``, the address of that page. With ``link``, the next
    page is the address that the header ``Link`` names ``next``. The last page names no next page.
    """

    by: Literal["page", "offset", "cursor", "link"]
    parameter: str | None = None
    first: int | None = Field(default=None, ge=0)
    cursor: str | None = None

    @model_validator(mode="after")
    def _what_it_takes(self) -> "PagingSettings":
        counted = self.by in {"page", "offset"}
        if counted and not self.parameter:
            raise ValueError(f"by {self.by} takes parameter, the name of the one that counts")
        if self.by == "link" and self.parameter:
            raise ValueError("by link takes no parameter, as the header holds the whole address")
        if (self.by == "cursor") != bool(self.cursor):
            raise ValueError("cursor, the JSON path of the next cursor, belongs to by cursor")
        if self.first is not None and not counted:
            raise ValueError("first belongs to by page and by offset")
        return self


class RestSettings(SettingsGroup):
    """How an API is requested.

    ``rows`` is the path of the list of rows in a response, such as ``data.items``; an empty path is
    the response itself. ``parameters`` are the query parameters of every request; they may contain
    ``{date}``, and ``{next_date}``, which is the day after. Without ``paging`` one response has all
    rows. ``certificates`` is a PEM file of authorities that are trusted besides the system's.
    """

    rows: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)
    paging: PagingSettings | None = None
    authentication: AuthenticationSettings | None = None
    requests_per_second: float | None = Field(default=None, gt=0)
    timeout_seconds: float = Field(default=60, gt=0)
    certificates: str | None = None

    @field_validator("parameters")
    @classmethod
    def _no_secrets(cls, parameters: dict[str, str]) -> dict[str, str]:
        secret = [name for name in parameters if is_secret(name)]
        if secret:
            raise ValueError(
                f"{', '.join(secret)} looks like a secret, which an address would show: set it in "
                "authentication"
            )
        return parameters

    @model_validator(mode="after")
    def _parameters_once(self) -> "RestSettings":
        if self.paging and self.paging.parameter in self.parameters:
            raise ValueError(f"{self.paging.parameter} is both in parameters and in paging")
        return self
