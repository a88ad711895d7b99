"""The daily schedule with missed, repeated and out-of-order ticks."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from igniteflow_assets.definitions import defs
from igniteflow_assets.partitions import daily
from igniteflow_core.config.load import load_settings

_REPOSITORY = defs.get_repository_def()
_SCHEDULE = _REPOSITORY.get_schedule_def("daily_schedule")
_DAYS_AFTER_THE_END = 10


class ScheduleTicks:
    """One random sequence of ticks.

    Attributes:
        did: number of each action.
        wrong: violated guarantees.
    """

    def __init__(self, seed: int, days: int) -> None:
        settings = load_settings()
        self._chance = random.Random(f"schedule {seed}")  # noqa: S311 - no secret
        self._zone = ZoneInfo(settings.sources.time_zone)
        self._hour = settings.schedules.daily_hour
        self._partitions = set(daily.get_partition_keys())
        self._first = settings.partitions.start_date
        self._days = days
        self._run_keys: defaultdict[str, set[str | None]] = defaultdict(set)
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        """Tick through the days, with ticks that are skipped, repeated or of a clock set back."""
        is_on, due = False, set()
        for number in range(self._days):
            is_on ^= self._chance.random() < 0.2
            at = datetime.combine(
                self._first + timedelta(days=number), time(self._hour), self._zone
            ).astimezone(UTC)
            if not is_on:
                self.did["ticks while off"] += 1
                continue
            before = (at.astimezone(self._zone).date() - timedelta(days=1)).isoformat()
            due |= {before} & self._partitions
            for back in self._chance.choice(([0], [0, 0], [0, 1, 0], [0, 3, 2, 1, 0])):
                self._tick(at - timedelta(days=back), due)
        missing = due - set(self._run_keys)
        if missing:
            self.wrong.append(f"never requested: {sorted(missing)}")
        for day, keys in self._run_keys.items():
            if len(keys) != 1 or None in keys:
                self.wrong.append(f"{day} is requested with the run keys {keys}")
        self.did["days requested"] = len(self._run_keys)

    def _tick(self, at: datetime, due: set[str]) -> None:
        self.did["ticks"] += 1
        context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=_REPOSITORY)
        for request in _SCHEDULE.evaluate_tick(context).run_requests or []:
            day = str(request.partition_key)
            over = datetime.combine(
                datetime.fromisoformat(day).date() + timedelta(days=1), time(), self._zone
            )
            if at < over:
                self.wrong.append(f"{day} is requested at {at}, before it is over")
            self._run_keys[day].add(request.run_key)


def schedule_ticks(seed: int) -> ScheduleTicks:
    """Run one sequence from the first day until some days after the last."""
    ticks = ScheduleTicks(seed, len(daily.get_partition_keys()) + _DAYS_AFTER_THE_END)
    ticks.run()
    return ticks
