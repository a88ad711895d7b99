"""The chronological windows of training, each with only the labels that were known then."""

from dataclasses import dataclass
from datetime import date, timedelta

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.errors import InsufficientDataError


@dataclass(frozen=True)
class DayWindow:
    """The days from ``first_day`` to ``last_day``, both included."""

    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """The number of days of the window."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True)
class FraudWindows:
    """The windows of one training, see ``chronological_windows``."""

    train: DayWindow
    validation: DayWindow
    refit: DayWindow
    test: DayWindow

    @property
    def first_day(self) -> date:
        """The earliest day of all windows."""
        return min(self.train.first_day, self.refit.first_day)

    def require_data_from(self, first_available_day: date) -> None:
        """Check that the data begins on or before the first day of the windows.

        Raises:
            InsufficientDataError: the data begins later than the earliest window; the message gives
                the number of missing days.
        """
        missing = (first_available_day - self.first_day).days
        if missing > 0:
            raise InsufficientDataError(
                f"{missing} more days of transactions are needed before {first_available_day}",
                where=f"fraud training windows, which start on {self.first_day}",
                fix="load earlier days, or lower fraud.train_days, fraud.validation_days or "
                "fraud.test_days",
            )


def chronological_windows(last_day: date, settings: FraudSettings) -> FraudWindows:
    """The windows that end on ``last_day``, counted back from it.

    From the newest day back: test, a gap of ``settled_days``, validation, another such gap, train.
    On the first day of a window the labels of the previous window are known, and no later ones:
    the delayed evaluation of Dal Pozzolo et al. (2018), "Credit card fraud detection: a realistic
    modeling and a novel learning strategy".

    ``refit`` is the newest stretch of ``train_days`` whose labels are known when the test begins.
    It ends with the validation window, so it may only be used after weights, calibration and
    threshold have been chosen there.

    Args:
        last_day: the newest day, the last one of the test window.
        settings: lengths of the windows and of the gaps, in days.
    """
    gap = settings.settled_days
    test = _ending(last_day, settings.test_days)
    validation = _ending(_before(test, gap), settings.validation_days)
    return FraudWindows(
        train=_ending(_before(validation, gap), settings.train_days),
        validation=validation,
        refit=_ending(validation.last_day, settings.train_days),
        test=test,
    )


def _ending(last_day: date, days: int) -> DayWindow:
    return DayWindow(last_day - timedelta(days=days - 1), last_day)


def _before(window: DayWindow, gap: int) -> date:
    return window.first_day - timedelta(days=gap + 1)
