"""When drift asks for a retraining: once an episode, when that can help, not too soon again."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class DriftMeasured(BaseModel):
    """One measurement of drift.

    Attributes:
        by: the asset that measured it.
        day: the newest day of its data.
        champion: version whose training data was the reference.
        drifted: the columns that had drifted.
        learned_to: the last day that a training at that time would have learned from.
    """

    model_config = ConfigDict(frozen=True)

    by: str
    day: date
    champion: str
    drifted: tuple[str, ...]
    learned_to: date


class DriftEpisode(BaseModel):
    """The state of the current episode, stored as JSON between two measurements.

    An episode lasts while any asset measures drift from the training data of one champion. The
    measurements of one day of data belong together: if one asset's drift ends on the day on which
    another's begins, the episode continues. A new champion begins a new episode, because drift then
    means that the retraining did not remove it.

    Attributes:
        seen: for each asset, the number of the last processed measurement.
        champion: version that ``drifting`` refers to.
        drifting: for each asset that sees drift, the columns.
        began: number of the look that the episode began with, kept until the day after its end; 0
            without one.
        began_on: the day of data of that look.
        day: the day of data of the last look.
        learned_to: the last day that a training would learn from by now.
        answered: whether a retraining was requested for this episode.
        last_request: the day of data of the last request.
    """

    model_config = ConfigDict(frozen=True)

    seen: dict[str, int] = {}
    champion: str = ""
    drifting: dict[str, tuple[str, ...]] = {}
    began: int = 0
    began_on: date | None = None
    day: date | None = None
    learned_to: date | None = None
    answered: bool = False
    last_request: date | None = None

    def after(self, measured: DriftMeasured, number: int) -> "DriftEpisode":
        """The state after the measurement with that number, above 0."""
        same = measured.champion == self.champion
        drifting = dict(self.drifting) if same else {}
        is_last_day = self.began > 0 and measured.day == self.day
        continues = same and (bool(drifting) or is_last_day)
        drifting.pop(measured.by, None)
        if measured.drifted:
            drifting[measured.by] = measured.drifted
        began = number if drifting else 0
        return DriftEpisode(
            seen=self.seen | {measured.by: number},
            champion=measured.champion,
            drifting=drifting,
            began=self.began if continues else began,
            began_on=self.began_on if continues else measured.day,
            day=measured.day,
            learned_to=measured.learned_to,
            answered=self.answered and continues,
            last_request=self.last_request,
        )

    def past(self, asset: str, number: int) -> "DriftEpisode":
        """The state after a record of the asset that has no measurement."""
        return self.model_copy(update={"seen": self.seen | {asset: number}})

    @property
    def is_learnable(self) -> bool:
        """Whether a training would learn from the day on which the episode began.

        Before that a challenger knows no more of what has changed than the champion does, and the
        gate would refuse it.
        """
        if self.began_on is None or self.learned_to is None:
            return True
        return self.learned_to >= self.began_on

    def asks(self, cooldown_days: int) -> bool:
        """Whether a retraining is due for the current drift.

        It waits until a training would learn from the day on which the episode began. Within
        ``cooldown_days`` of data after the last request nothing is asked for; an episode that lasts
        longer asks then.
        """
        if not self.drifting or self.answered or self.day is None or not self.is_learnable:
            return False
        return self.last_request is None or (self.day - self.last_request).days >= cooldown_days

    def requested(self) -> "DriftEpisode":
        """The state once the retraining has been requested."""
        return self.model_copy(update={"answered": True, "last_request": self.day})
