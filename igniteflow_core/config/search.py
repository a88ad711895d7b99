"""How long a search for better settings may take."""

from pydantic import Field

from igniteflow_core.config.base import SettingsGroup


class SearchSettings(SettingsGroup):
    """How long the search for better settings of the members may take.

    It ends with the first of the two limits. A trial always gives the same result; how many are
    tried within the seconds depends on the machine.
    """

    seconds: float = Field(default=900.0, gt=0)
    trials: int = Field(default=40, ge=1)
