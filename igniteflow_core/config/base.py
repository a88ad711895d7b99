"""The base of every settings group: unknown names are mistakes, values never change."""

from pydantic import BaseModel, ConfigDict


class SettingsGroup(BaseModel):
    """A frozen group of settings that refuses names it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
