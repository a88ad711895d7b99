"""The settings as a resource."""

from dagster import ConfigurableResource

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings


class SettingsResource(ConfigurableResource):  # type: ignore[type-arg]  # a resource is its own type
    """The settings of the environment, loaded at each access."""

    @property
    def current(self) -> Settings:
        """Load the settings from the files and environment variables."""
        return load_settings()
