"""The owners of assets, jobs and checks, as the Dagster UI shows them."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from igniteflow_core.config.base import SettingsGroup

_OWNER: Final = re.compile(r"team:[A-Za-z0-9_][A-Za-z0-9_.-]*|[^@\s]+@[^@\s]+\.[^@\s.]+")


def _checked(owner: str) -> str:
    if _OWNER.fullmatch(owner) is None:
        raise ValueError("an owner is an e-mail address, or team: and the name of a team")
    return owner


Owner = Annotated[str, AfterValidator(_checked)]


class OwnerSettings(SettingsGroup):
    """Owners of everything that Dagster shows: e-mail addresses, or ``team:NAME``.

    ``groups`` maps a group of assets, such as ``fraud``, to its owners instead of ``default``; an
    asset may name further owners in code.
    """

    default: Owner = "team:data-platform"
    groups: dict[str, tuple[Owner, ...]] = Field(default_factory=dict)

    def of_group(self, group: str) -> tuple[str, ...]:
        """The owners of a group's assets."""
        return self.groups.get(group, (self.default,))
