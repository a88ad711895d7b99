"""The settings as a resource."""

from dagster import ConfigurableResource

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings


class SettingsResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """The settings of the environment, of the moment they are asked for."""

    @property
    def current(self) -> Settings:
        """The settings as the files and variables have them now."""
        return load_settings()
