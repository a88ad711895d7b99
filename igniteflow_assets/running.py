"""Which schedules and sensors run from the start, by the settings of the environment."""

from collections.abc import Collection

import dagster as dg

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.platform import ScheduleSettings
from igniteflow_core.errors import ConfigurationError

_settings = load_settings().schedules


def schedule_status(name: str) -> dg.DefaultScheduleStatus:
    """Initial status of the schedule; the UI can change it."""
    runs = _settings.runs(name)
    return dg.DefaultScheduleStatus.RUNNING if runs else dg.DefaultScheduleStatus.STOPPED


def sensor_status(name: str) -> dg.DefaultSensorStatus:
    """Initial status of the sensor; the UI can change it."""
    runs = _settings.runs(name)
    return dg.DefaultSensorStatus.RUNNING if runs else dg.DefaultSensorStatus.STOPPED


def require_names(settings: ScheduleSettings, names: Collection[str]) -> None:
    """Refuse settings that name schedules or sensors that are not there.

    Raises:
        ConfigurationError: names them.
    """
    unknown = sorted(set(settings.named) - set(names))
    if unknown:
        raise ConfigurationError(
            f"there are no schedules or sensors {', '.join(unknown)}",
            where="schedules.running",
            fix=f"name some of {', '.join(sorted(names))}",
        )
