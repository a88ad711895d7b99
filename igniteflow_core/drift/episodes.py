"""When drift asks for a retraining: once an episode, and not too soon after the last."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class DriftMeasured(BaseModel):
    """One look for drift.

    Attributes:
        by: the asset that looked.
        day: the newest day of the data that it saw.
        champion: version that the data was compared with the training of.
        drifted: the columns that had drifted.
    """

    model_config = ConfigDict(frozen=True)

    by: str
    day: date
    champion: str
    drifted: tuple[str, ...]


class DriftEpisode(BaseModel):
    """Where the episodes stand; kept as JSON between two looks.

    An episode lasts while any asset sees drift from the training of one champion. With a new
    champion a new one begins, as drift then says that its training days did not cure it.

    Attributes:
        seen: for each asset, the number of the last look that is accounted for.
        champion: version that ``drifting`` refers to.
        drifting: for each asset that sees drift, the columns.
        answered: whether a retraining was requested for this episode.
        last_request: the day of data on which the last one was.
    """

    model_config = ConfigDict(frozen=True)

    seen: dict[str, int] = {}
    champion: str = ""
    drifting: dict[str, tuple[str, ...]] = {}
    answered: bool = False
    last_request: date | None = None

    def after(
        self, measured: DriftMeasured, number: int, cooldown_days: int
    ) -> tuple["DriftEpisode", bool]:
        """The state after a look, and whether it asks for a retraining.

        Within ``cooldown_days`` of data after the last request nothing is asked for; an episode
        that lasts longer asks then.
        """
        same = measured.champion == self.champion
        drifting = dict(self.drifting) if same else {}
        drifting.pop(measured.by, None)
        if measured.drifted:
            drifting[measured.by] = measured.drifted
        answered = self.answered and same and bool(drifting)
        cooled = (
            self.last_request is None or (measured.day - self.last_request).days >= cooldown_days
        )
        asks = bool(drifting) and not answered and cooled
        state = DriftEpisode(
            seen=self.seen | {measured.by: number},
            champion=measured.champion,
            drifting=drifting,
            answered=answered or asks,
            last_request=measured.day if asks else self.last_request,
        )
        return state, asks

    def past(self, asset: str, number: int) -> "DriftEpisode":
        """The state after a record of the asset that says nothing of drift."""
        return self.model_copy(update={"seen": self.seen | {asset: number}})
